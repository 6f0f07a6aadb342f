"""``python -m tests.bench.opening APP QUEUE WORKERS``: waits for workers, then opens their queue.

Workers start on a queue that nobody fills, so that two of them begin in the same moment, and
what starting costs is not taken for work.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from celery.app.utils import find_app

#: The queue that workers start on.
IDLE = "bench-idle"
_PATIENCE_SECONDS = 60.0


def open_queue(app: Any, queue: str, workers: int) -> None:
    """Have so many workers, once they all answer, consume from a queue."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(app.control.ping(timeout=1, limit=workers)) < workers:
        if time.monotonic() > deadline:
            raise SystemExit(f"Not all of {workers} workers answer.")
    if len(app.control.add_consumer(queue, reply=True, timeout=10, limit=workers)) < workers:
        raise SystemExit(f"Not all of {workers} workers took the queue.")


if __name__ == "__main__":
    open_queue(find_app(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

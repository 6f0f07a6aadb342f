"""The same work in several threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def slowest(work: Callable[[], None], count: int = 8) -> float:
    """Give the seconds that the slowest of so many threads took; all must come to the end."""
    seconds = []

    def timed() -> None:
        began = time.monotonic()
        work()
        seconds.append(time.monotonic() - began)

    threads = [threading.Thread(target=timed) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seconds) == count
    return max(seconds)

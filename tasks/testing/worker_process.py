"""``python -m tasks.testing.worker_process NAME``: a worker with the settings that stdin gives.

``tasks.testing.worker`` starts it. It ends with whoever holds the other end of its stdin: tests
that are killed leave no worker behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import django
from celery import current_app

from tasks.testing import settings
from tasks.testing.broker import use_own_broker

#: Mingle and gossip are talk between workers, of which there is one.
_OPTIONS = ("-c", "2", "-l", "WARNING", "--without-mingle", "--without-gossip")


def main(name: str) -> None:
    """Run a worker of all queues until it is told to stop."""
    settings.take(sys.stdin.buffer)
    django.setup()
    with use_own_broker(current_app):
        threading.Thread(target=_leave_with_the_tests, daemon=True).start()
        current_app.worker_main(["--quiet", "worker", "-n", name, *_OPTIONS])


def _leave_with_the_tests() -> None:
    # Not by sys.stdin: its lock would be held in the children that are forked meanwhile.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1])

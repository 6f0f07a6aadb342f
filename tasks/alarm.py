"""The soft time limit: an exception in the function that runs, at a set time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from celery.exceptions import SoftTimeLimitExceeded


@contextmanager
def alarm_after(seconds: float) -> Iterator[None]:
    """Raise SoftTimeLimitExceeded in the block once it has taken this long.

    Only a main thread can be interrupted; in any other the block sees it at its next
    ``check()``. Uses SIGALRM, so a block that does so itself has no soft limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise SoftTimeLimitExceeded

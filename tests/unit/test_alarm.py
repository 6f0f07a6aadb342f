from __future__ import annotations

import signal
import threading
import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from tasks.alarm import alarm_after


def test_a_block_that_takes_too_long_is_interrupted():
    began = time.monotonic()

    with pytest.raises(SoftTimeLimitExceeded), alarm_after(0.05):
        time.sleep(10)

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("error", [None, ValueError], ids=["returns", "raises"])
def test_after_the_block_nothing_rings(error):
    before = signal.getsignal(signal.SIGALRM)

    try:
        with alarm_after(50):
            if error:
                raise error
    except ValueError:
        pass

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_thread_is_not_interrupted():
    ended = []

    def run():
        with alarm_after(0.01):
            time.sleep(0.1)
            ended.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert ended == [True]

"""What a call costs in the process that makes it, on the mean of many."""

from __future__ import annotations

import time
from collections.abc import Callable


def mean_us(
    call: Callable[[], object], calls: int, finish: Callable[[], object] | None = None
) -> tuple[float, float]:
    """Give the mean µs of a call, by the wall clock and in CPU time of all threads.

    One call goes before, for what is made once. ``finish`` waits for what the calls left to
    do, and counts as well.
    """
    call()
    began, spent = time.perf_counter(), time.process_time()
    for _ in range(calls):
        call()
    if finish:
        finish()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    return wall / calls * 1e6, cpu / calls * 1e6

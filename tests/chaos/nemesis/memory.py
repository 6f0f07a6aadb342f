"""How much memory the servers have."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.harness.platform import Platform

_UNIT = 1024
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
#: A server that has just begun still grows by what it loads.
GROWN_UP_SECONDS = 20.0


def resident(platform: Platform) -> Mapping[int, int]:
    """Give the resident bytes of each server that has run for a while, by its process's id."""
    found = {}
    for web in platform.webs:
        status = Path(f"/proc/{web.pid}/status")
        if web.is_running and _age_seconds(web.pid) > GROWN_UP_SECONDS:
            found[web.pid] = int(status.read_text().partition("VmRSS:")[2].split()[0]) * _UNIT
    return found


def growth(before: Mapping[int, int], after: Mapping[int, int]) -> int:
    """Give by how many bytes the one that grew most did so; who was not there before counts not."""
    return max((after[pid] - before[pid] for pid in before.keys() & after.keys()), default=0)


def _age_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / _TICKS_PER_SECOND

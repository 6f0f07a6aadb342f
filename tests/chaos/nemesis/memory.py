"""How much memory the servers have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.chaos.harness.platform import Platform

_UNIT = 1024


def resident(platform: Platform) -> Mapping[int, int]:
    """Give the resident bytes of each server that runs, by its process's id."""
    found = {}
    for web in platform.webs:
        status = Path(f"/proc/{web.pid}/status")
        if web.is_running and "VmRSS:" in (text := status.read_text()):
            found[web.pid] = int(text.partition("VmRSS:")[2].split()[0]) * _UNIT
    return found


def growth(before: Mapping[int, int], after: Mapping[int, int]) -> int:
    """Give by how many bytes the one that grew most did so; who was not there before counts not."""
    return max((after[pid] - before[pid] for pid in before.keys() & after.keys()), default=0)

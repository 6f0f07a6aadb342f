"""How much memory the servers have."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.harness.platform import Platform

_UNIT = 1024


async def resident(platform: Platform) -> Mapping[int, int]:
    """Give the resident bytes of each server that serves, by its process's id.

    One that has just begun and does not serve yet still grows by what it loads.
    """
    serving = [web for web in platform.webs if await asyncio.to_thread(web.serves)]
    return {web.pid: _bytes_of(web.pid) for web in serving}


def growth(before: Mapping[int, int], after: Mapping[int, int]) -> int:
    """Give by how many bytes the one that grew most did so; who was not there before counts not."""
    return max((after[pid] - before[pid] for pid in before.keys() & after.keys()), default=0)


def _bytes_of(pid: int) -> int:
    """Read what a process has; one that has ended just now has nothing."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmRSS:")[2].split()[0]) * _UNIT if "VmRSS:" in status else 0

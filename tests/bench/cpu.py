"""What a process spends (CPU by its own clock, memory by its map) and the core it is kept on."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

_PROCESS_CLOCK = 2  # CPUCLOCK_SCHED in Linux's posix-timers.h: user and system, in nanoseconds


def cores() -> tuple[int, int]:
    """Choose the server's core and the load's; with only one core they are the same."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def spent_ns(pid: int) -> int:
    """Read the CPU time of a process with all its threads, also those that have ended."""
    return time.clock_gettime_ns(~pid << 3 | _PROCESS_CLOCK)


def waited_ns(pid: int) -> int:
    """Read how long a process's threads were ready but waited for their core."""
    return sum(
        int(file.read_text().split()[1]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")
    )


def private_kib(pid: int) -> int:
    """Read the memory that a process shares with nobody."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def family(pid: int) -> list[int]:
    """List a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def speed(core: int) -> float:
    """Tell how fast a core is just now, in loops of plain Python per µs of CPU.

    On a machine that others use too it varies by a factor of two, and every figure with it.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return sorted(_loops_per_us() for _ in range(5))[2]
    finally:
        os.sched_setaffinity(0, before)


def _loops_per_us() -> float:
    began, count, rest = time.process_time_ns(), 100_000, 0
    for number in range(count):
        rest = (rest + number) % 7
    return count * 1000 / (time.process_time_ns() - began)


class Meter:
    """Measures, from its making on, what some processes spend: ``{"server": pid, …}``."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.pids = dict(pids)
        self._waited = waited_ns(self.pids["server"])
        self._spent = {name: spent_ns(pid) for name, pid in self.pids.items()}
        self._began = time.monotonic_ns()

    def read(self) -> dict[str, float]:
        """Give the seconds that have passed, and each process's CPU seconds by its name."""
        seconds = (time.monotonic_ns() - self._began) / 1e9
        spent = {name: (spent_ns(pid) - self._spent[name]) / 1e9 for name, pid in self.pids.items()}
        waited = (waited_ns(self.pids["server"]) - self._waited) / 1e9
        return {"seconds": seconds, "waited": waited, **spent}

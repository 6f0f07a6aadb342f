"""When jobs were asked for and when their functions began, by the one clock of the machine."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: Names the file into which the functions write; worker and asker are given the same.
FILE = "BENCH_STARTS"
#: One job every 50 to 100 ms, at random, so that none meets a rhythm of the worker's.
PAUSE_SECONDS = (0.05, 0.1)
_PATIENCE_SECONDS = 30.0


def stamp(number: int) -> None:
    """Write down that the function of a job has begun; to be its first line."""
    now = time.monotonic_ns()
    with _file().open("a") as file:
        file.write(f"{number} {now}\n")


def ask(call: Callable[[int], object], count: int) -> list[tuple[int, int, int]]:
    """Ask for jobs one by one, and wait until all have begun.

    Gives, for each, when the call was made, when it returned, and when the function began.
    """
    chance = random.Random(1)  # the same pauses on every side
    asked = []
    for number in range(count):
        time.sleep(chance.uniform(*PAUSE_SECONDS))
        called = time.monotonic_ns()
        call(number)
        asked.append((called, time.monotonic_ns()))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(begun := read(_file())) < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"Only {len(begun)} of {count} jobs have begun.")
        time.sleep(0.1)
    return [(*asked[number], begun[number]) for number in range(count)]


def read(file: Path) -> Mapping[int, int]:
    """Read when each job began, the first time if it did so twice."""
    begun: dict[int, int] = {}
    for line in file.read_text().splitlines() if file.exists() else ():
        number, _, moment = line.partition(" ")
        begun.setdefault(int(number), int(moment))
    return begun


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that this share of them does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _file() -> Path:
    return Path(os.environ[FILE])

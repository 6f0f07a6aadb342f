"""The rows about jobs: how many a second one prefork process takes from queued to finished."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.bench import cpu
from tests.bench.children import Child, ChildFailed
from tests.bench.lab import Lab

_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plant:
    """One way to run jobs: its queue is filled first, then its worker is started.

    ``finished`` is SQL for how many are done, and when the first and the last were.
    """

    name: str
    prepare: Sequence[Sequence[str]]
    worker: Sequence[str]
    env: Mapping[str, str]
    database: Path
    finished: str


@dataclass(frozen=True, slots=True)
class Ran:
    """How it went; CPU is that of the worker's processes."""

    per_second: float
    cpu_ms: float


def run(lab: Lab, plant: Plant, count: int) -> Ran:
    """Run so many jobs; the rate is taken from the first that ended to the last."""
    for argv in plant.prepare:
        lab.run(argv, plant.env)
    # A worker is two processes, of which one waits: they have both cores, as in life.
    cores = {lab.server_core, lab.load_core}
    worker = lab.start(f"worker {plant.name}", plant.worker, cores=cores, env=plant.env)
    try:
        return _watch(worker, plant, count)
    finally:
        worker.stop()


def _watch(worker: Child, plant: Plant, count: int) -> Ran:
    uri = f"file:{plant.database}?mode=ro"
    marks: list[tuple[int, int]] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and worker.process.poll() is None:
        time.sleep(0.25)
        with closing(sqlite3.connect(uri, uri=True)) as database:
            done, first, last = database.execute(plant.finished).fetchone()
        if done:
            marks.append((done, sum(map(cpu.spent_ns, cpu.family(worker.pid)))))
        if done >= count:
            return Ran((count - 1) / _seconds(first, last), _cpu_ms(marks[0], marks[-1]))
    raise ChildFailed(f"{plant.name}: not all of {count} jobs ended\n{worker.tail()}")


def _cpu_ms(first: tuple[int, int], last: tuple[int, int]) -> float:
    return (last[1] - first[1]) / max(1, last[0] - first[0]) / 1e6


def _seconds(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()

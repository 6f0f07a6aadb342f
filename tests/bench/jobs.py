"""The rows about jobs: how many a second the workers take from queued to finished."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from tests.bench import cpu
from tests.bench.children import Child, ChildFailed
from tests.bench.lab import Lab
from tests.bench.plant import Plant

_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the workers were: jobs done, and the CPU their processes had spent by then."""

    done: int
    main_ns: int
    child_ns: int


@dataclass(frozen=True, slots=True)
class Ran:
    """How it went: jobs per second, and a job's CPU in the main processes and in the children."""

    per_second: float
    main_ms: float
    child_ms: float

    @property
    def values(self) -> dict[str, float]:
        """Give the figures by the ends of their rows' names."""
        both = self.main_ms + self.child_ms
        return {"": self.per_second, " main": self.main_ms, " child": self.child_ms, " cpu": both}


def run(lab: Lab, plant: Plant, count: int, workers: int = 1) -> Ran:
    """Fill the queue, then run it dry; the rate is taken from the first that ended to the last."""
    plant.build(lab)
    plant.ask(lab, "enqueue", count)
    with plant.working(lab, workers) as children:
        return _watch(children, plant, count)


def _watch(workers: Sequence[Child], plant: Plant, count: int) -> Ran:
    uri = f"file:{plant.database}?mode=ro"
    marks: list[Mark] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and all(w.process.poll() is None for w in workers):
        with closing(sqlite3.connect(uri, uri=True)) as database:
            done, first, last = database.execute(plant.finished).fetchone()
        if done:
            marks.append(_mark(done, workers))
        if done >= count:
            return ran(count, _seconds(first, last), marks[0], marks[-1])
        time.sleep(0.25)
    tails = "\n".join(worker.tail() for worker in workers)
    raise ChildFailed(f"{plant.name}: not all of {count} jobs ended\n{tails}")


def _mark(done: int, workers: Sequence[Child]) -> Mark:
    families = [cpu.family(worker.pid) for worker in workers]
    mains = sum(cpu.spent_ns(main) for main, *_ in families)
    children = sum(cpu.spent_ns(pid) for _, *rest in families for pid in rest)
    return Mark(done, mains, children)


def ran(count: int, seconds: float, first: Mark, last: Mark) -> Ran:
    """Reckon from the first and the last look what a job took."""
    between = max(1, last.done - first.done) * 1e6
    main_ms = (last.main_ns - first.main_ns) / between
    return Ran((count - 1) / seconds, main_ms, (last.child_ns - first.child_ns) / between)


def _seconds(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()

"""The rows about jobs, each measured on one side after the other: the machine's speed varies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType

from tests.bench import bellwire_jobs, cpu, disk, jobs, posts, stamps, tutorial_jobs
from tests.bench.children import free_port
from tests.bench.lab import Lab
from tests.bench.plant import Plant
from tests.bench.stamps import percentile

#: Who has jobs, and how: modules of the same shape.
SIDES: Mapping[str, ModuleType] = {"tutorial": tutorial_jobs, "Bellwire": bellwire_jobs}
Values = dict[str, float]
#: The first jobs after a start find nothing ready: connections, caches, code.
_WARM = 10


def rates(lab: Lab, side: ModuleType) -> Values:
    """Measure jobs per second and the CPU of a job, in each of the side's ways."""
    return _rates(lab, side, side.WAYS, 1)


def pairs(lab: Lab, side: ModuleType) -> Values:
    """Measure the same with two workers."""
    return _rates(lab, side, side.PAIRS, 2)


def _rates(lab: Lab, side: ModuleType, ways: Iterable[str], workers: int) -> Values:
    values: Values = {}
    for way in ways:
        ran = jobs.run(lab, side.plant(lab, way), lab.scale.jobs, workers)
        values |= _named(f"{workers} {way}", ran)
    return values


def _named(name: str, ran: jobs.Ran) -> Values:
    return {f"{name}{end}": value for end, value in ran.values.items()}


def starts(lab: Lab, side: ModuleType) -> Values:
    """Measure how long an idle worker takes from the call of enqueue() to the function, in ms."""
    file = lab.folder / f"starts-{lab.next_redis()}"
    plant = side.plant(lab, side.START, {stamps.FILE: str(file)})
    plant.build(lab)
    values: Values = {}
    with plant.working(lab):
        for verb in side.PACES:
            moments = plant.ask(lab, verb, lab.scale.starts + _WARM)[_WARM:]
            file.unlink()
            values |= _starts(verb, moments)
    if side is bellwire_jobs:  # the same for both: a row without a ratio
        values["commit"] = disk.commit_ms(lab.folder)
    return values


def _starts(verb: str, moments: Sequence[tuple[int, int, int]]) -> Values:
    waits = [(began - called) / 1e6 for called, _, began in moments]
    calls = [(returned - called) / 1e6 for called, returned, _ in moments]
    return {
        f"{verb} p50": percentile(waits, 0.5),
        f"{verb} p99": percentile(waits, 0.99),
        f"{verb} call": percentile(calls, 0.5),
    }


def enqueues(lab: Lab, side: ModuleType) -> Values:
    """Measure how many jobs a process records in a second, by calls and over HTTP."""
    plant = side.plant(lab, side.ENQUEUE)
    keys = plant.build(lab)
    spent = plant.ask(lab, "rate", lab.scale.calls)
    values = {"enqueue": 1e6 / spent["wall"], "enqueue cpu": spent["cpu"]}
    if "bare" in spent:
        values["enqueue bare"] = 1e6 / spent["bare"]
    return values | _posts(lab, side, plant, keys)


def _posts(lab: Lab, side: ModuleType, plant: Plant, keys: Sequence[str]) -> Values:
    port, (path, body) = free_port(), side.POST
    web = side.web(lab, plant, port)
    try:
        posts.post(port, path, body, keys, posts.AT_ONCE * _WARM)
        before, count = cpu.spent_ns(web.pid), lab.scale.calls // 2
        seconds = posts.post(port, path, body, keys, count)
        spent_us = (cpu.spent_ns(web.pid) - before) / count / 1e3
    finally:
        web.stop()
    return {"post": count / seconds, "post cpu": spent_us}


def leases(lab: Lab, side: ModuleType) -> Values:
    """Measure what keeping leases costs: a run without it, and its statements, in µs."""
    if side is not bellwire_jobs:
        return {}
    values: Values = {}
    for name, more in (("leased", {}), ("unleased", bellwire_jobs.UNLEASED)):
        plant = bellwire_jobs.plant(lab, side.START, more)
        values |= _named(name, jobs.run(lab, plant, lab.scale.jobs))
    plant = bellwire_jobs.plant(lab, side.START)
    plant.build(lab)
    return values | plant.ask(lab, "renew", lab.scale.calls)


#: In this order, each with the key of its rows.
MEASURES: Sequence[tuple[str, Callable[[Lab, ModuleType], Values]]] = (
    ("jobs", rates),
    ("jobs", pairs),
    ("start", starts),
    ("enqueue", enqueues),
    ("lease", leases),
)
ROWS = {row for row, _ in MEASURES}

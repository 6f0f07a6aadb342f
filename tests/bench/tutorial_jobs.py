"""Celery with django-celery-results, as the tutorial has it: three ways to run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.children import Child
from tests.bench.lab import Lab
from tests.bench.plant import Plant
from tests.bench.tutorial_side import daphne, environment

#: The last also tells the browser, which the others leave out.
WAYS = ("NORMAL quiet", "FULL quiet", "FULL telling")
PAIRS = WAYS[1:]
START = ENQUEUE = "FULL quiet"
#: Sent at once, and recorded before.
PACES = ("pace", "pace_recorded")
POST: tuple[str, dict[str, Any]] = "/jobs", {}
_FINISHED = (
    "SELECT COUNT(*), MIN(date_done), MAX(date_done) FROM django_celery_results_taskresult "
    "WHERE status = 'SUCCESS'"
)


def plant(lab: Lab, way: str, more: Mapping[str, str] | None = None) -> Plant:
    """Prepare one way afresh."""
    number = lab.next_redis()
    synchronous, manner = way.split()
    database = lab.folder / f"jobs-{number}.sqlite3"
    return Plant(
        name=f"tutorial {way} {number}",
        app="tests.bench.tutorial:app",
        queue="celery",
        script="tests.bench.tutorial_script",
        env={
            **environment(lab, synchronous),
            "BENCH_DATABASE": str(database),
            "BENCH_REDIS": lab.redis_url(number),
            "BENCH_MANNER": manner,
            **(more or {}),
        },
        database=database,
        finished=_FINISHED,
    )


def web(lab: Lab, built: Plant, port: int) -> Child:
    """Start one web process on the data of a plant."""
    return daphne(lab, built.name, port, built.env)

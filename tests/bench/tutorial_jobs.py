"""Celery with django-celery-results, as the tutorial has it: three ways to run it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.children import module
from tests.bench.jobs import Plant
from tests.bench.lab import Lab
from tests.bench.tutorial_side import environment

_FINISHED = (
    "SELECT COUNT(*), MIN(date_done), MAX(date_done) FROM django_celery_results_taskresult "
    "WHERE status = 'SUCCESS'"
)


def plants(lab: Lab) -> list[Plant]:
    """Spell each way; the last also tells the browser, which the others leave out."""
    return [
        _plant(lab, "NORMAL", "quiet", 2),
        _plant(lab, "FULL", "quiet", 3),
        _plant(lab, "FULL", "telling", 4),
    ]


def _plant(lab: Lab, synchronous: str, manner: str, redis_database: int) -> Plant:
    database = lab.folder / f"jobs-{synchronous}-{manner}.sqlite3"
    celery = str(Path(sys.executable).with_name("celery"))
    return Plant(
        name=f"jobs {synchronous} {manner}",
        prepare=[
            module("tests.bench.people", 1),
            module("tests.bench.tutorial_script", "enqueue", lab.scale.jobs, manner),
        ],
        worker=[celery, "-A", "tests.bench.tutorial:app", "worker", "-c", "1", "-l", "WARNING"],
        env={
            **environment(lab, synchronous),
            "BENCH_DATABASE": str(database),
            "BENCH_REDIS": lab.redis_url(redis_database),
        },
        database=database,
        finished=_FINISHED,
    )

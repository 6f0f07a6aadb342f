"""Bellwire's jobs: one worker as a deployment starts it, on SQLite with synchronous=FULL."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.bellwire_side import environment
from tests.bench.children import module
from tests.bench.jobs import Plant
from tests.bench.lab import Lab

_FINISHED = (
    "SELECT COUNT(*), MIN(finished_at), MAX(finished_at) FROM tasks_job WHERE state = 'succeeded'"
)


def plants(lab: Lab) -> list[Plant]:
    """Spell its one way: every job has its rows, its three events and its hints."""
    folder = "bellwire-jobs"
    celery = str(Path(sys.executable).with_name("celery"))
    return [
        Plant(
            name="jobs FULL telling",
            prepare=[
                module("tests.bench.people", 1),
                module("tests.bench.bellwire_script", "enqueue", lab.scale.jobs),
            ],
            worker=[celery, "-A", "project", "worker", "-Q", "bench", "-c", "1", "-l", "WARNING"],
            env=environment(lab, folder, redis_database=6),
            database=lab.folder / folder / "db.sqlite3",
            finished=_FINISHED,
        )
    ]

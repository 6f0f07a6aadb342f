"""Bellwire's jobs: workers as a deployment starts them, on SQLite with synchronous=FULL."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.bellwire_side import environment, serve
from tests.bench.children import Child
from tests.bench.errand import LOOK_SECONDS
from tests.bench.lab import Lab
from tests.bench.plant import Plant

#: Its one way: every job has its rows, its three events and its hints.
WAYS = ("FULL telling",)
PAIRS = WAYS
START = ENQUEUE = "FULL telling"
PACES = ("pace",)
#: Under it a worker's warden does not look before the run is over.
UNLEASED = {LOOK_SECONDS: "3600"}
#: Where it takes jobs over HTTP, and what is posted there.
POST = "/api/jobs", {"kind": "errand", "arguments": {}}
_FINISHED = (
    "SELECT COUNT(*), MIN(finished_at), MAX(finished_at) FROM tasks_job WHERE state = 'succeeded'"
)


def plant(lab: Lab, way: str, more: Mapping[str, str] | None = None) -> Plant:
    """Prepare it afresh."""
    number = lab.next_redis()
    folder = f"jobs-{number}"
    return Plant(
        name=f"Bellwire {way} {number}",
        app="project",
        queue="bench",
        script="tests.bench.bellwire_script",
        # All are enqueued before the first runs.
        env={**environment(lab, folder, number), "JOB_MAX_WAITING": "100000", **(more or {})},
        database=lab.folder / folder / "db.sqlite3",
        finished=_FINISHED,
    )


def web(lab: Lab, built: Plant, port: int) -> Child:
    """Start one web process on the data of a plant."""
    return serve(lab, built.name, port, built.env)

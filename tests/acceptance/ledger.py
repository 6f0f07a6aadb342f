"""What an installation's database tells of its jobs, read without the platform's code."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from tests.installation import Installation

FINAL = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class Life:
    """One job: its row, its timeline, and what its owner was told, in order."""

    kind: str
    state: str
    attempt: int
    error: str
    result: Any
    steps: list[str]
    told: list[str]
    #: What the last event said of the job.
    last: dict[str, Any]


def lives(site: Installation) -> dict[str, Life]:
    """Read every job of an installation by its id."""
    columns = "id, kind, state, attempt, error, result"
    # Rows first: of a job that has ended in them, all the rest is written as well.
    rows = site.rows(f"SELECT {columns} FROM tasks_job")  # noqa: S608
    steps: dict[str, list[str]] = {}
    for job_id, name in site.rows("SELECT job_id, name FROM tasks_step ORDER BY id"):
        steps.setdefault(_id(job_id), []).append(name)
    told = _events(site)
    found = {}
    for job_id, kind, state, attempt, error, result in rows:
        key = _id(job_id)
        events = told.get(key, [])
        found[key] = Life(
            *(kind, state, attempt, error, _json(result), steps.get(key, [])),
            told=[event["type"].removeprefix("job.") for event in events],
            last=events[-1]["job"] if events else {},
        )
    return found


def all_ended(site: Installation) -> dict[str, Life] | None:
    """Give every job once all have ended."""
    found = lives(site)
    return found if all(life.state in FINAL for life in found.values()) else None


def check(life: Life) -> None:
    """Hold the row, the timeline and the log against each other."""
    assert life.told == life.steps
    assert (life.last["state"], life.last["attempt"]) == (life.state, life.attempt)
    finals = [step for step in life.steps if step in FINAL]
    assert finals == ([life.state] if life.state in FINAL else [])
    assert life.steps[-1] == life.state or life.state not in FINAL


def _events(site: Installation) -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for (data,) in site.rows("SELECT data FROM realtime_event ORDER BY id"):
        event = json.loads(data)
        if "job" in event:
            told.setdefault(event["job"]["id"], []).append(event)
    return told


def _id(value: Any) -> str:
    return str(uuid.UUID(str(value)))


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value

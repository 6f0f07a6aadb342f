"""What is told of a job: one description, one event per transition, one update for progress.

These are calls, made last in the transaction that they tell of: never receivers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from realtime import moments
from realtime.publish import publish, update
from realtime.topics import Topic
from tasks.models import Job, OutputLine
from tasks.names import name_of
from tasks.output import CUT
from tasks.states import State

#: The event that tells that a job has come to a state.
EVENTS: Mapping[State, str] = {
    State.QUEUED: "job.queued",
    State.RUNNING: "job.started",
    State.RETRYING: "job.retrying",
    State.SUCCEEDED: "job.succeeded",
    State.FAILED: "job.failed",
    State.CANCELLED: "job.cancelled",
}
CANCEL_REQUESTED = "job.cancel_requested"
DELETED = "job.deleted"
PROGRESSED = "job.progressed"
LOGGED = "job.logged"
#: An update tells of lines with the lines themselves if they are no more than this.
MAX_TOLD_BYTES = 4 * 1024


def step_of(state: State) -> str:
    """Name a state's arrival in the timeline: ``queued``, ``started``, …"""
    return EVENTS[state].removeprefix("job.")


def moved(job: Job) -> None:
    """Tell the owner that the job has come to its state; a final one ends its updates."""
    state = State(job.state)
    ends = str(job.pk) if state.is_final else ""
    if job.owner_id is not None:  # the site's own jobs have nobody who waits for them
        publish(Topic.of_user(job.owner_id), EVENTS[state], ends=ends, job=describe(job))


def cancel_requested(job: Job) -> None:
    """Tell the owner that the running job has been asked to stop."""
    if job.owner_id is not None:
        publish(Topic.of_user(job.owner_id), CANCEL_REQUESTED, job=describe(job))


def deleted(job: Job) -> None:
    """Tell the owner that the job is gone, so that no page goes on showing it."""
    if job.owner_id is not None:
        publish(Topic.of_user(job.owner_id), DELETED, job={"id": str(job.pk)})


def progressed(job: Job, n: int) -> bool:
    """Show the owner how far the job is; ``n`` rises within an attempt. Nothing is kept."""
    if job.owner_id is None:
        return False
    return update(
        Topic.of_user(job.owner_id),
        PROGRESSED,
        key=str(job.pk),
        attempt=job.attempt,
        n=n,
        job=describe(job),
    )


def logged(job: Job, lines: Sequence[OutputLine]) -> bool:
    """Show the owner the lines that were just written; of long ones tell which they are."""
    if job.owner_id is None:
        return False
    told = [describe_line(line) for line in lines]
    body = {"lines": told} if len(msgspec.json.encode(told)) <= MAX_TOLD_BYTES else {}
    return update(
        Topic.of_user(job.owner_id),
        LOGGED,
        key=f"{job.pk}:log",
        attempt=1,  # of no matter: lines are numbered over all attempts
        n=lines[-1].n,
        job={"id": str(job.pk)},
        first=lines[0].n,
        last=lines[-1].n,
        **body,
    )


def describe(job: Job) -> dict[str, Any]:
    """Give the job as JSON, without arguments and result; times are ISO 8601 in UTC.

    ``progress`` is null or ``{"current", "total", "message", "rate", "eta"}``, the rate per
    second and the estimate in seconds, each null while unknown.
    """
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "name": name_of(job.kind),
        "queue": job.queue,
        "state": str(job.state),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "progress": job.progress,
        "error": job.error,
        "cancel_requested": job.cancel_requested_at is not None,
        "queued_at": moment(job.queued_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }


def describe_line(line: OutputLine) -> dict[str, Any]:
    """Give a line of a job's output: ``{"n", "at", "level", "text", "attempt"}``."""
    return {
        "n": line.n,
        "at": moment(line.at),
        "level": "warning" if line.level == CUT else line.level,
        "text": line.text,
        "attempt": line.attempt,
    }


def moment(time: datetime | None) -> str | None:
    """Write a time as ``2026-10-01T12:00:00.000Z``."""
    return None if time is None else moments.spell(time)

"""Plain Celery tasks as jobs: how the row of one follows what Celery tells of it.

Celery's signals come from several processes, late, twice, or not at all. So each word says which
attempt it speaks of, and brings the row to where it must be by then, by the moves that every job
makes: what was missed in between is told as well, and what is old or was told already is dropped.
Nothing here makes a task run: a queue without a name is nobody's to claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from realtime.publish import batch, savepoint
from tasks import moves, rows, steps
from tasks.models import NO_QUEUE, Job
from tasks.outcomes import Outcome
from tasks.rows import FromNow
from tasks.states import CLAIMABLE, State
from tasks.transient import again

#: How long past its time limit a task is left to Celery, which ends it and says so.
GRACE_SECONDS = 60.0
#: Taken for the limit of a task that has none: it must not seem to run for ever.
LONGEST_SECONDS = 86_400.0
#: A row that somebody else has locked, in a transaction of the caller's perhaps, can wait for
#: the next word; the task cannot.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"


@dataclass(frozen=True, slots=True)
class Call:
    """A task that was called for somebody, as a message or a worker tells of it.

    ``owner`` is a user's primary key; ``attempt`` counts from 1, and is 0 in a message.
    """

    id: UUID
    kind: str
    owner: Any
    arguments: Mapping[str, Any]
    attempt: int = 0
    worker: str = ""
    limit_seconds: float | None = None


def queue(call: Call) -> None:
    """Record a task that was published, in the caller's transaction or in its own."""
    with batch():
        if not Job.objects.filter(pk=call.id).exists():
            _insert(call)


def start(call: Call) -> None:
    """Note that a worker has begun an attempt."""

    def transition() -> None:
        with _briefly():
            job = _row(call)
            if job is not None and job.attempt < call.attempt:
                _start(job, call)

    again(transition)


def end(call: Call, outcome: Outcome, seconds: float = 0) -> None:
    """Note how an attempt ended: done, failed, or to be tried again; tried for ``seconds``."""

    def transition() -> None:
        with _briefly():
            job = _row(call)
            if job is not None and (running := _running(job, call)) is not None:
                _tell(moves.end(running, outcome.state, outcome.columns), call.worker)

    again(transition, seconds)


def revoke(call: Call) -> None:
    """Note that the task was stopped, or was too late to begin."""

    def transition() -> None:
        with _briefly():
            job = _row(call)
            if job is None:
                return
            if job.state == State.RUNNING:
                _tell(moves.end(job, State.CANCELLED, {}), call.worker)
            else:
                changes = {"state": State.CANCELLED, "finished_at": timezone.now()}
                _tell(rows.update(changes, _waiting(job)), call.worker)

    again(transition)


@contextmanager
def _briefly() -> Iterator[None]:
    """Open a batch that does not wait long for a lock, unless the transaction is the caller's."""
    is_own = not connection.in_atomic_block
    with batch():
        if is_own and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_LOCK_TIMEOUT)
        yield


def _row(call: Call) -> Job | None:
    """Lock the task's row, made here if nobody has; None if nobody owns the task."""
    watched = Job.objects.select_for_update().filter(pk=call.id, queue=NO_QUEUE)
    job = watched.first()
    if job is None:
        _insert(call)
        job = watched.first()
    return job


def _insert(call: Call) -> None:
    """Record the task as queued, unless somebody has done so meanwhile, or nobody owns it."""
    owner = _owner(call)
    if owner is None:
        return
    job = Job(
        id=call.id,
        owner=owner,
        kind=call.kind[: Job._meta.get_field("kind").max_length],
        queue=NO_QUEUE,
        arguments=call.arguments,
        time_limit=call.limit_seconds or LONGEST_SECONDS,
    )
    try:
        with savepoint():
            job.save(force_insert=True)
            moves.tell(job, steps.name_of(owner))
    except IntegrityError:
        pass  # the publisher, or the worker, was faster


def _owner(call: Call) -> Any:
    # A key that is nobody's would be found out only by the commit, which may be the caller's.
    try:
        return get_user_model()._base_manager.filter(pk=call.owner).first()
    except (ValueError, TypeError, OverflowError, ValidationError):
        return None


def _running(job: Job, call: Call) -> Job | None:
    """Give the row with the attempt begun that has ended, or None if this is old news."""
    if call.attempt > job.attempt:
        return _start(job, call)
    return job if call.attempt == job.attempt and job.state == State.RUNNING else None


def _start(job: Job, call: Call) -> Job | None:
    if job.state == State.RUNNING:  # the end of that attempt has not been told, or comes later
        ended = _tell(moves.end(job, State.RETRYING, {"error": ""}), call.worker)
        if ended is None or State(ended.state).is_final:
            return None
    limit = call.limit_seconds or LONGEST_SECONDS
    changes: dict[str, Any] = {
        "state": State.RUNNING,
        "attempt": call.attempt,
        "max_attempts": call.attempt,  # how many there may be is Celery's to know
        "worker": call.worker[:100],
        "started_at": timezone.now(),
        "time_limit": limit,
        # A worker that dies with all that it knows is found out by this, and by nothing else.
        "deadline": FromNow(limit + GRACE_SECONDS),
        "error": "",
        "traceback": "",
    }
    return _tell(rows.update(changes, _waiting(job)), call.worker)


def _waiting(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "queue": NO_QUEUE, "state": CLAIMABLE}


def _tell(job: Job | None, by: str) -> Job | None:
    if job is not None:
        moves.tell(job, by)
    return job

"""The verbs of a job's life. Nobody else writes a Job.

Every transition is one conditional UPDATE, then the signals, then the event, in one
transaction that is tried again after a transient database error. A final state is final.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from realtime import metrics
from realtime.publish import batch
from tasks import announce, rows, signals
from tasks.errors import LeaseLost
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.sentences import WORKER_LOST
from tasks.states import CLAIMABLE, State
from tasks.transient import again
from tasks.wake import wake_on_commit

if TYPE_CHECKING:
    from tasks.job import JobFunction

#: An attempt whose lease is over is taken to be lost; its keeper renews it every 5 s.
LEASE = timedelta(seconds=30)
#: How long the end of an attempt is kept for a database that is locked or gone.
SETTLE_SECONDS = 600.0


def enqueue(function: JobFunction, owner: Any, arguments: Mapping[str, Any]) -> Job:
    """Record a job of ``owner`` in the caller's transaction, or in its own; return it.

    Its queue is woken once that commits. InvalidArguments if the function does not take
    these arguments; nothing is recorded then.
    """
    job = Job(
        owner=owner,
        kind=function.kind,
        queue=function.queue,
        priority=function.priority,
        max_attempts=function.retry.max_attempts,
        arguments=function.schema.store(arguments),
    )
    tries = count()

    def transition() -> Job:
        with batch():
            # An earlier try may have been committed by a server that did not live to say so.
            if next(tries) == 0 or not Job.objects.filter(pk=job.pk).exists():
                job.save(force_insert=True)
                _tell(job)
            wake_on_commit(job.queue)
        return job

    return again(transition)


def claim(queue: str, worker: str) -> Job | None:
    """Take the queue's next job for ``worker``: highest priority, then longest due.

    Starts its next attempt, with a token that only this attempt knows and a lease of 30 s.
    None if no job of the queue may run now.
    """
    token, tries = secrets.token_hex(16), count()

    def transition() -> Job | None:
        # What an earlier try has taken, by a commit that nobody heard of, is not taken again.
        if next(tries) and (taken := Job.objects.filter(state=State.RUNNING, token=token).first()):
            return taken
        now = timezone.now()
        with batch():
            job = rows.claim(queue, token, worker[:100], now, now + LEASE)
            if job is not None:
                _tell(job)
        return job

    return again(transition)


def settle(job: Job, outcome: Outcome, progress: Mapping[str, Any] | None = None) -> Job:
    """End the attempt that ``job`` was claimed for; return the job as it is now.

    A retry that its owner has cancelled meanwhile is a cancellation. LeaseLost, with nothing
    written or told, if this is no longer the newest attempt or the job is at its end. A database
    that is away is waited for: what was done must not be lost with it.
    """
    columns = dict(outcome.columns)
    if progress is not None:
        columns["progress"] = progress

    def transition() -> Job:
        with batch():
            settled = _end(job, outcome.state, columns)
            if settled is None:
                raise LeaseLost
            _tell(settled)
        return settled

    settled = again(transition, SETTLE_SECONDS)
    metrics.jobs_settled.labels(settled.state).inc()
    return settled


def cancel(job_id: UUID, by: Any) -> Job:
    """Stop a job of the user ``by`` and return it as it is now.

    One that waits is cancelled at once; a running one is asked to stop, and sees it at its
    next ``progress()`` or ``check()``. One that has ended stays as it is. Job.DoesNotExist if
    there is no such job of theirs.
    """

    def transition() -> Job:
        now = timezone.now()
        with batch():
            # The lock keeps the job from moving between looking and asking.
            job = Job.objects.select_for_update().get(pk=job_id, owner=by)
            if State(job.state).is_final or job.cancel_requested_at is not None:
                return job
            if job.state == State.RUNNING:
                return _ask_to_stop(job, now)
            return _stop(job, now)

    return again(transition)


def beat(job: Job, progress: Mapping[str, Any] | None = None) -> Job:
    """Renew a running attempt's lease, and write its progress if that is new.

    Tried once, so that the keeper's next beat is not late. LeaseLost as for ``settle``.
    """
    changes: dict[str, Any] = {"lease_until": timezone.now() + LEASE}
    if progress is not None:
        changes["progress"] = progress
    with batch():
        renewed = rows.update(changes, _held(job))
        if renewed is None:
            raise LeaseLost
        if progress is not None:
            signals.job_progressed.send(sender=Job, job=renewed)
    return renewed


def cancel_requested_at(job: Job) -> datetime | None:
    """Read when the owner asked this running attempt to stop; LeaseLost as for ``settle``."""
    for moment in Job.objects.filter(**_held(job)).values_list("cancel_requested_at", flat=True):
        return moment
    raise LeaseLost


def lose(job: Job) -> Job | None:
    """Take a running job from the worker that let its lease run out.

    It is retried at once if attempts are left, else it has failed. None if the lease has
    been renewed or the attempt has ended meanwhile.
    """
    to = State.RETRYING if job.attempt < job.max_attempts else State.FAILED

    def transition() -> Job | None:
        now = timezone.now()
        columns = {"error": WORKER_LOST, "run_after": now}
        with batch():
            lost = _end(job, to, columns, lease_until__lt=now)
            if lost is not None:
                _tell(lost)
                if lost.state == State.RETRYING:
                    wake_on_commit(lost.queue)
        return lost

    return again(transition)


def _ask_to_stop(job: Job, now: datetime) -> Job:
    asked = rows.update({"cancel_requested_at": now}, _held(job))
    announce.cancel_requested(asked or job)
    return asked or job


def _stop(job: Job, now: datetime) -> Job:
    changes = {"state": State.CANCELLED, "cancel_requested_at": now, "finished_at": now}
    stopped = rows.update(changes, {"id": job.pk, "state": CLAIMABLE})
    if stopped is not None:
        _tell(stopped)
    return stopped or job


def _end(job: Job, to: State, columns: Mapping[str, Any], **conditions: Any) -> Job | None:
    """Move a held job out of running; what would be retried but was cancelled is cancelled."""
    changes: dict[str, Any] = {"lease_until": None, "token": "", **columns}
    where: dict[str, Any] = {**_held(job), **conditions}
    if to is State.RETRYING:
        retried = rows.update({**changes, "state": to}, {**where, "cancel_requested_at": None})
        if retried is not None:
            return retried
        to = State.CANCELLED
    if to is State.CANCELLED:
        changes |= {"error": "", "traceback": ""}
    return rows.update({**changes, "state": to, "finished_at": timezone.now()}, where)


def _held(job: Job) -> dict[str, Any]:
    """The WHERE that only the newest attempt's holder satisfies, and only while it runs."""
    return {"id": job.pk, "state": State.RUNNING, "token": job.token}


def _tell(job: Job) -> None:
    """Send the state's signals, then append its event: last, for it may not be swallowed."""
    state = State(job.state)
    for signal in signals.OF_STATE[state]:
        signal.send(sender=Job, job=job)
    announce.moved(job)

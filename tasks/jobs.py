"""The verbs of a job's life: enqueue and repeat it, claim, renew and settle its attempts.

What others do to it meanwhile is in ``tasks.interventions``. Nobody else writes a Job. Every
transition is one conditional UPDATE, then its step, the signals, then the event, in one
transaction that is tried again after a transient database error. A final state is final.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from realtime import metrics
from realtime.publish import batch
from tasks import enqueueing, moves, rows, signals
from tasks.conf import conf
from tasks.errors import LeaseLost
from tasks.models import Job
from tasks.options import Options
from tasks.outcomes import Outcome
from tasks.rows import FromNow
from tasks.states import State
from tasks.transient import again

if TYPE_CHECKING:
    from tasks.job import JobFunction

#: How long the end of an attempt is kept for a database that is locked or gone.
SETTLE_SECONDS = 600.0
_AS_DECLARED = Options()


def enqueue(
    function: JobFunction, owner: Any, arguments: Mapping[str, Any], options: Options = _AS_DECLARED
) -> Job:
    """Record a job of ``owner`` in the caller's transaction, or in its own; return it.

    Its queue is woken once that commits. An ``owner`` of None is the site itself. With an
    idempotency key that was used before, the job of that time is returned. InvalidArguments
    if the function does not take these arguments, TooManyJobs if too many of the owner's
    wait, KeyConflict if the key was used for something else; nothing is recorded then.
    """
    return enqueueing.submit(function, owner, arguments, options)[0]


def claim(queue: str, worker: str) -> Job | None:
    """Take the queue's next job for ``worker``: highest priority, then longest due.

    Starts its next attempt, with a token that only this attempt knows and a lease.
    None if no job of the queue may run now.
    """
    token, tries = secrets.token_hex(16), count()

    def transition() -> Job | None:
        # What an earlier try has taken, by a commit that nobody heard of, is not taken again.
        if next(tries) and (taken := Job.objects.filter(state=State.RUNNING, token=token).first()):
            return taken
        with batch():
            job = rows.claim(queue, token, worker[:100], lease_seconds())
            if job is not None:
                moves.tell(job, job.worker)
        return job

    return again(transition)


def lease_seconds() -> float:
    """Tell for how long a worker that says nothing keeps its attempts."""
    return float(conf.JOB_LEASE_SECONDS)


def settle(job: Job, outcome: Outcome, progress: Mapping[str, Any] | None = None) -> Job:
    """End the attempt that ``job`` was claimed for; return the job as it is now.

    A retry that its owner has cancelled meanwhile is a cancellation. LeaseLost, with nothing
    written or told, if this is no longer the newest attempt or the job is at its end. A database
    that is away is waited for: what was done must not be lost with it.
    """
    columns = dict(outcome.columns)
    if progress is not None:
        columns["progress"] = progress
    if outcome.wait_seconds is not None:  # by the database's clock: a worker's may be a day ahead
        columns["run_after"] = FromNow(outcome.wait_seconds)
    tries = count()

    def transition() -> Job:
        is_again = next(tries) > 0
        with batch():
            settled = moves.end(job, outcome.state, columns)
            if settled is not None:
                moves.tell(settled, job.worker)
                return settled
        # An earlier try may have been committed by a server that did not live to say so: who
        # takes an attempt away changes its token, its own end leaves it.
        mine = Job.objects.filter(pk=job.pk, token=job.token).first() if is_again else None
        if mine is None:
            raise LeaseLost
        return mine

    settled = again(transition, SETTLE_SECONDS)
    metrics.jobs_settled.labels(settled.state).inc()
    return settled


def beat(job: Job, progress: Mapping[str, Any]) -> Job:
    """Write a running attempt's progress.

    Tried once, so that what comes next is not late. LeaseLost as for ``settle``.
    """
    with batch():
        written = rows.update({"progress": progress}, moves.held(job))
        if written is None:
            raise LeaseLost
        signals.job_progressed.send(sender=Job, job=written, by=job.worker)
    return written


def renew(tokens: Sequence[str]) -> dict[str, bool]:
    """Renew the leases of attempts by their tokens, in one statement, tried once.

    Gives those that still run, and of each whether it has been asked to stop: what is missing
    is over, or was taken over.
    """
    return rows.renew(tokens, lease_seconds()) if tokens else {}


def look(tokens: Sequence[str]) -> dict[str, bool]:
    """Tell the same of attempts without writing anything."""
    return rows.look(tokens) if tokens else {}

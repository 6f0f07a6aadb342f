"""What others do to a job: cancel it, take it from a lost worker, end it when it is too late.

Each is one guarded UPDATE, so any number of people, workers and reconcilers may try.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from realtime.publish import batch
from tasks import moves, rows, steps
from tasks.conf import conf
from tasks.enqueueing import find_for
from tasks.errors import LeaseLost
from tasks.excuses import took_too_long, worker_lost
from tasks.models import NO_QUEUE, Job
from tasks.revoking import revoke_on_commit
from tasks.rows import FromNow
from tasks.states import CLAIMABLE, State
from tasks.transient import again
from tasks.wake import wake_on_commit


def cancel(job_id: UUID, by: Any) -> Job:
    """Stop a job and return it as it is now; ``by`` is its owner, staff, or a name.

    One that waits is cancelled at once; a running one is asked to stop, and sees it at its
    next ``progress()`` or ``check()``. One that has ended stays as it is. Job.DoesNotExist if
    there is no such job of theirs.
    """

    def transition() -> Job:
        with batch():
            job = find_for(job_id, by, for_update=True)
            if State(job.state).is_final or job.cancel_requested_at is not None:
                return job
            name = steps.name_of(by)
            if job.state == State.RUNNING:
                return _ask_to_stop(job, name)
            return _stop(job, name)

    return again(transition)


def lose(job: Job, by: str, **conditions: Any) -> Job | None:
    """Take a running job from its worker, which is lost: the process, or its lease.

    It is retried at once if attempts are left, else it has failed. None if the attempt has
    ended meanwhile, or ``conditions`` (as ``rows.update`` takes them) do not hold.
    """
    to = State.RETRYING if job.attempt < job.max_attempts else State.FAILED
    if job.cancel_requested_at is not None:
        to = State.CANCELLED  # it did stop, if not as it was asked to
    columns = {"error": worker_lost(), "run_after": FromNow()}
    return _take(job, to, by, columns, **conditions)


def lose_expired(job: Job, by: str) -> Job | None:
    """Do so if its lease is over, by the database's clock."""
    return lose(job, by, lease_until__lt=FromNow())


def time_out(job: Job, by: str) -> Job | None:
    """Fail a running job whose attempt takes longer than it may; None as for ``lose``."""
    columns = {"error": took_too_long(job.time_limit)}
    return _take(job, State.FAILED, by, columns)


def stop(job: Job, by: str) -> Job | None:
    """Cancel a running job whose process was stopped for that; None as for ``lose``."""
    return _take(job, State.CANCELLED, by, {})


def grace_seconds() -> float:
    """Tell how long a running job that is cancelled may go on."""
    return float(conf.JOB_CANCEL_GRACE_SECONDS)


def _take(
    job: Job, to: State, by: str, columns: Mapping[str, Any], **conditions: Any
) -> Job | None:
    def transition() -> Job | None:
        with batch():
            # Without its token the attempt cannot take what follows for its own end.
            taken = moves.end(job, to, {"token": "", **columns}, **conditions)
            if taken is not None:
                moves.tell(taken, by)
                if taken.state == State.RETRYING:
                    wake_on_commit(taken.queue)
        return taken

    return again(transition)


def _ask_to_stop(job: Job, by: str) -> Job:
    asked = rows.update({"cancel_requested_at": timezone.now()}, moves.held(job))
    if asked is None:  # nobody can have written to it: the row is locked
        raise LeaseLost
    moves.tell_cancel_requested(asked, by)
    return asked


def _stop(job: Job, by: str) -> Job:
    now: datetime = timezone.now()
    changes = {"state": State.CANCELLED, "cancel_requested_at": now, "finished_at": now}
    changes |= {"error": "", "traceback": ""}  # of the attempt before
    stopped = rows.update(changes, {"id": job.pk, "state": CLAIMABLE})
    if stopped is None:  # as above
        raise LeaseLost
    moves.tell(stopped, by)
    if stopped.queue == NO_QUEUE:  # a plain task: its message is Celery's, and still on its way
        revoke_on_commit(stopped.pk)
    return stopped

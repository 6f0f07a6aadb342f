"""How a transition is written: the guarded row, its step, its signals, its event.

Only ``tasks.jobs``, ``tasks.interventions`` and, of plain Celery tasks, ``tasks.watched`` call
these, inside a ``batch()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tasks import announce, notices, rows, signals, steps
from tasks.models import Job
from tasks.states import State


def held(job: Job) -> dict[str, Any]:
    """Give the WHERE that only the newest attempt's holder satisfies, and only while it runs."""
    return {"id": job.pk, "state": State.RUNNING, "token": job.token}


def end(job: Job, to: State, columns: Mapping[str, Any], **conditions: Any) -> Job | None:
    """Move a held job out of running; what would be retried but was cancelled is cancelled.

    None if it is not held any more, or a further condition (as ``rows.update`` takes them)
    does not hold.
    """
    changes: dict[str, Any] = {"lease_until": None, "deadline": None, **columns}
    where: dict[str, Any] = {**held(job), **conditions}
    if to is State.RETRYING:
        retried = rows.update({**changes, "state": to}, {**where, "cancel_requested_at": None})
        if retried is not None:
            return retried
        to = State.CANCELLED
    if to is State.CANCELLED:
        changes |= {"error": "", "traceback": ""}
    return rows.update({**changes, "state": to, "finished_at": timezone.now()}, where)


def tell(job: Job, by: str) -> None:
    """Record the step, send the state's signals, append the event, and notify the owner.

    The last two are plain calls: no receiver may swallow them.
    """
    state = State(job.state)
    steps.record(job, announce.step_of(state), by)
    for signal in signals.OF_STATE[state]:
        signal.send(sender=Job, job=job, by=by)
    announce.moved(job)
    notices.told(job, by)


def tell_cancel_requested(job: Job, by: str) -> None:
    """Do the same for a running job that has been asked to stop."""
    steps.record(job, steps.CANCEL_REQUESTED, by)
    signals.job_cancel_requested.send(sender=Job, job=job, by=by)
    announce.cancel_requested(job)

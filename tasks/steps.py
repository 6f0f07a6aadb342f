"""A job's timeline: who did what to it, when, in which attempt. Rows are only ever added."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from tasks.models import Job, Step

#: The step of a running job that is asked to stop.
CANCEL_REQUESTED = "cancel_requested"
#: What a row says of itself, cut to its columns.
MAX_BY = 150
_RECORD = (
    f'INSERT INTO "{Step._meta.db_table}" '  # noqa: S608 (our own table's name)
    '(job_id, at, name, "by", attempt, worker, error, traceback) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def record(job: Job, name: str, by: str) -> None:
    """Add what has just happened to a job, in the transaction that writes it."""
    database = connections[DEFAULT_DB_ALIAS]
    job_id = Job._meta.pk.get_db_prep_save(job.pk, database)
    at = database.ops.adapt_datetimefield_value(timezone.now())
    told: list[Any] = [name, by[:MAX_BY], job.attempt, job.worker, job.error, job.traceback]
    with database.cursor() as cursor:
        cursor.execute(_RECORD, [job_id, at, *told])


def name_of(who: Any) -> str:
    """Name a user, or whatever else acts, for the timeline."""
    if isinstance(who, str):
        return who
    return "" if who is None else str(who.get_username())

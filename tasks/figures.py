"""What a person's figures say of their jobs; every move of a job tells its owner, and so counts."""

from __future__ import annotations

from typing import Any

from django.db import connection

from realtime import figures
from tasks.models import Job

# The states are spelt out: a partial index serves only a query that repeats its condition.
_COUNT = (
    f'SELECT COUNT(*) FROM "{Job._meta.db_table}" '  # noqa: S608
    "WHERE owner_id = %s AND state IN ('queued', 'running', 'retrying') AND state {}"
)
_RUNNING, _WAITING = _COUNT.format("= 'running'"), _COUNT.format("<> 'running'")


def register() -> None:
    """Have these among everybody's figures."""
    figures.register("running_jobs", running_jobs)
    figures.register("waiting_jobs", waiting_jobs)


def running_jobs(owner_id: Any) -> int:
    """Count a person's jobs that run now."""
    return _count(_RUNNING, owner_id)


def waiting_jobs(owner_id: Any) -> int:
    """Count a person's jobs that are queued, or will be tried again."""
    return _count(_WAITING, owner_id)


def _count(sql: str, owner_id: Any) -> int:
    key = Job._meta.get_field("owner").get_db_prep_value(owner_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return int(cursor.fetchone()[0])

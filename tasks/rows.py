"""Jobs' rows on the hot path: plain UPDATE … RETURNING, and the Job that comes back.

The ORM compiles a query anew for each call and cannot read back what it wrote; that alone
halves how many jobs a worker finishes in a second. Only ``tasks.jobs`` calls ``update``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks.models import Job
from tasks.states import CLAIMABLE, State

_TABLE = f'"{Job._meta.db_table}"'
_FIELDS = Job._meta.concrete_fields
_FIELD = {field.name: field for field in _FIELDS}
#: Text is stored as it is, by far most often; the other types are asked how.
_TEXTS = {field.name for field in _FIELDS if isinstance(field, models.CharField | models.TextField)}
_NAMES = [field.attname for field in _FIELDS]
_RETURNING = "RETURNING " + ", ".join(f'"{field.column}"' for field in _FIELDS)
_CLAIMABLE = ", ".join(f"'{state}'" for state in CLAIMABLE)

# The states are spelt out: a partial index serves only a query that repeats its condition.
# What was due when it was queued is due, whatever the clock of the server that took it said.
_CLAIM = (
    f"UPDATE {_TABLE} SET state = '{State.RUNNING}', attempt = attempt + 1, token = %s, "  # noqa: S608
    "worker = %s, lease_until = %s, started_at = %s, progress = NULL, error = '', traceback = '' "
    f"WHERE id = (SELECT id FROM {_TABLE} WHERE queue = %s AND state IN ({_CLAIMABLE}) "
    "AND (run_after <= %s OR run_after <= queued_at) "
    "ORDER BY priority DESC, run_after, id LIMIT 1{lock}) "
    f"{_RETURNING}"
)


def claim(queue: str, token: str, worker: str, now: Any, lease_until: Any) -> Job | None:
    """Take the queue's next job that may run, for a new attempt, in one statement."""
    features = connections[DEFAULT_DB_ALIAS].features
    lock = " FOR UPDATE SKIP LOCKED" if features.has_select_for_update_skip_locked else ""
    moment = stored("started_at", now)
    values = [token, worker, stored("lease_until", lease_until), moment, queue, moment]
    return _one(_CLAIM.replace("{lock}", lock), values)


def update(changes: Mapping[str, Any], where: Mapping[str, Any]) -> Job | None:
    """Change the one row for which ``where`` holds and return it, else None.

    In ``where`` a value of None means NULL, a tuple means any of these, and a key that ends
    in ``__lt`` means before.
    """
    values: list[Any] = [stored(name, value) for name, value in changes.items()]
    assignments = ", ".join(f'"{name}" = %s' for name in changes)
    conditions = " AND ".join(_condition(key, wanted, values) for key, wanted in where.items())
    sql = f"UPDATE {_TABLE} SET {assignments} WHERE {conditions} {_RETURNING}"  # noqa: S608
    return _one(sql, values)


def stored(name: str, value: Any) -> Any:
    """Give a field's value as the database takes it."""
    if name in _TEXTS:
        return str(value)
    return _FIELD[name].get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


def _condition(key: str, wanted: Any, values: list[Any]) -> str:
    name, _, operator = key.partition("__")
    if wanted is None:
        return f'"{name}" IS NULL'
    if isinstance(wanted, tuple):
        values += wanted
        return f'"{name}" IN ({", ".join(["%s"] * len(wanted))})'
    values.append(stored(name, wanted))
    return f'"{name}" {"<" if operator == "lt" else "="} %s'


def _one(sql: str, values: Sequence[Any]) -> Job | None:
    # Asked for once: each look through Django's ``connection`` costs two microseconds.
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    if not rows:
        return None
    return Job.from_db(DEFAULT_DB_ALIAS, _NAMES, _converted(rows[0], database))


def _converted(row: Iterable[Any], database: BaseDatabaseWrapper) -> list[Any]:
    values = list(row)
    for place, expression, converters in _converters(database.vendor):
        if values[place] is not None:
            for convert in converters:
                values[place] = convert(values[place], expression, database)
    return values


@lru_cache
def _converters(vendor: str) -> list[tuple[int, Any, list[Any]]]:
    """List which columns need converting, by place, as the ORM would convert them."""
    database = connections[DEFAULT_DB_ALIAS]
    found = []
    for place, field in enumerate(_FIELDS):
        column = field.get_col(Job._meta.db_table)
        backend = database.ops.get_db_converters(column)
        if converters := [*backend, *column.get_db_converters(database)]:
            found.append((place, column, converters))
    return found

"""Jobs' rows on the hot path: plain UPDATE … RETURNING, and the Job that comes back.

The ORM compiles a query anew for each call and cannot read back what it wrote; that alone
halves how many jobs a worker finishes in a second. Only
``tasks.jobs`` and what it is made of write here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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

#: The database's clock, so many seconds from now: workers' own may differ by a day.
_FROM_NOW = {
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', {seconds} || ' seconds')",
    "postgresql": "(STATEMENT_TIMESTAMP() + {seconds} * INTERVAL '1 second')",
}

# The states are spelt out: a partial index serves only a query that repeats its condition.
# What was due when it was queued is due, whatever the clock of the server that took it said.
_CLAIM = (
    f"UPDATE {_TABLE} SET state = '{State.RUNNING}', attempt = attempt + 1, token = %s, "  # noqa: S608
    "worker = %s, lease_until = {lease}, started_at = {now}, deadline = {deadline}, "
    "progress = NULL, error = '', traceback = '' "
    f"WHERE id = (SELECT id FROM {_TABLE} WHERE queue = %s AND state IN ({_CLAIMABLE}) "
    "AND (run_after <= {now} OR run_after <= queued_at) "
    "ORDER BY priority DESC, run_after, id LIMIT 1{lock}) "
    f"{_RETURNING}"
)
_RENEW = (
    f"UPDATE {_TABLE} SET lease_until = {{lease}} "  # noqa: S608
    f"WHERE id IN (SELECT id FROM {_TABLE} WHERE state = '{State.RUNNING}' "
    "AND token IN ({tokens}){lock}) "
    "RETURNING token, cancel_requested_at"  # SQLite 3.40 gives a wrong IS NOT NULL here
)
_LOOK = (
    f"SELECT token, cancel_requested_at FROM {_TABLE} "  # noqa: S608
    f"WHERE state = '{State.RUNNING}' AND token IN ({{tokens}})"
)

# All three unfinished states, and then not the one: the index's condition, word for word.
_WAITING = (
    f"SELECT COUNT(*) FROM (SELECT 1 FROM {_TABLE} WHERE owner_id = %s "  # noqa: S608
    "AND state IN ('queued', 'running', 'retrying') AND state <> 'running' AND queue <> '' "
    "LIMIT %s) AS waiting"
)


@dataclass(frozen=True, slots=True)
class FromNow:
    """A value for ``update``: so many seconds from now, by the database's clock."""

    seconds: float = 0.0

    def sql(self) -> str:
        """Spell it for the database in use."""
        return _from_now(f"{self.seconds:.3f}")


def claim(queue: str, token: str, worker: str, lease_seconds: float) -> Job | None:
    """Take the queue's next job that may run, for a new attempt, in one statement."""
    return _one(
        _claim_sql(connections[DEFAULT_DB_ALIAS].vendor, lease_seconds), [token, worker, queue]
    )


def renew(tokens: Sequence[str], lease_seconds: float) -> dict[str, bool]:
    """Renew the leases of these attempts; tell of each that runs whether it is to stop."""
    lease, lock = FromNow(lease_seconds).sql(), ""
    if connections[DEFAULT_DB_ALIAS].features.has_select_for_update_skip_locked:
        # A function's own rows that refer to its job share the row's key, which is no hindrance.
        lock = " FOR NO KEY UPDATE SKIP LOCKED"
    renewed = _flags(_RENEW.format(lease=lease, tokens=_places(tokens), lock=lock), tokens)
    # One that somebody holds, its own slow end perhaps, must not cost the others their leases.
    missing = [token for token in tokens if token not in renewed]
    return renewed | look(missing) if missing and lock else renewed


def look(tokens: Sequence[str]) -> dict[str, bool]:
    """Tell the same and renew nothing."""
    return _flags(_LOOK.format(tokens=_places(tokens)), tokens)


def waiting(owner_id: Any, most: int) -> int:
    """Count an owner's jobs that wait for a worker, up to ``most``.

    What it costs depends on their unfinished jobs alone, however many have ended.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_WAITING, [stored("owner", owner_id), most])
        return int(cursor.fetchone()[0])


def hold_all(owner_id: Any) -> None:
    """Lock all of a person's jobs until the transaction ends, as their deletion begins."""
    mine = Job.objects.select_for_update().filter(owner_id=owner_id).order_by("pk")
    list(mine.values_list("pk"))


def update(changes: Mapping[str, Any], where: Mapping[str, Any]) -> Job | None:
    """Change the one row for which ``where`` holds and return it, else None.

    In ``where`` a value of None means NULL, a tuple means any of these, and a key that ends
    in ``__lt`` means before. A FromNow is a moment of the database's clock.
    """
    values: list[Any] = []
    assignments = ", ".join(f'"{name}" = {_place(name, v, values)}' for name, v in changes.items())
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
    return f'"{name}" {"<" if operator == "lt" else "="} {_place(name, wanted, values)}'


def _place(name: str, value: Any, values: list[Any]) -> str:
    """Spell a value, or leave a place for it and add it to those that go there."""
    if isinstance(value, FromNow):
        return value.sql()
    values.append(stored(name, value))
    return "%s"


def _from_now(seconds: str) -> str:
    return _FROM_NOW[connections[DEFAULT_DB_ALIAS].vendor].format(seconds=seconds)


@lru_cache
def _claim_sql(vendor: str, lease_seconds: float) -> str:
    features = connections[DEFAULT_DB_ALIAS].features
    return _CLAIM.format(
        lease=FromNow(lease_seconds).sql(),
        now=FromNow().sql(),
        deadline=_from_now("time_limit"),
        lock=" FOR UPDATE SKIP LOCKED" if features.has_select_for_update_skip_locked else "",
    )


def _places(tokens: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(tokens))


def _flags(sql: str, tokens: Sequence[str]) -> dict[str, bool]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, tokens)
        return {token: asked_at is not None for token, asked_at in cursor.fetchall()}


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

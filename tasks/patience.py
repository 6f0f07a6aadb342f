"""How long those who will be back wait for a lock: briefly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

#: A worker's own threads. SQLite has one writer: a function in a transaction must not hold up
#: who looks after it.
OF_THREADS = {
    "sqlite": "PRAGMA busy_timeout = 50",
    "postgresql": "SET lock_timeout = '250ms'; SET statement_timeout = '2s'",
}
#: A reconciler: one row whose holder is frozen must not keep it from all others.
OF_RECONCILERS = {"postgresql": "SET lock_timeout = '250ms'"}

_patience: ContextVar[Mapping[str, str] | None] = ContextVar("patience", default=None)


@contextmanager
def impatient(patience: Mapping[str, str] = OF_THREADS) -> Iterator[None]:
    """See that connections made in the block, also after one that broke, wait briefly."""
    token = _patience.set(patience)
    try:
        connection.ensure_connection()
        yield
    finally:
        _patience.reset(token)


def _tell(connection: BaseDatabaseWrapper, **_: object) -> None:
    words = (_patience.get() or {}).get(connection.vendor)
    if words:
        with connection.cursor() as cursor:
            cursor.execute(words)


connection_created.connect(_tell, dispatch_uid="tasks.patience")

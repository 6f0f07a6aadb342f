"""How long a worker's own threads wait for a lock: briefly, for they will be back."""

from __future__ import annotations

from django.db import connection

#: SQLite has one writer: a function in a transaction must not hold up who looks after it.
_PATIENCE = {
    "sqlite": "PRAGMA busy_timeout = 50",
    "postgresql": "SET lock_timeout = '250ms'; SET statement_timeout = '2s'",
}


def be_impatient() -> None:
    """See that this thread's connection does not wait long for anybody's lock."""
    if connection.connection is None:
        with connection.cursor() as cursor:
            cursor.execute(_PATIENCE[connection.vendor])

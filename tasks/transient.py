"""Database errors that pass by themselves, and the transaction that is tried again for them."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

Result = TypeVar("Result")

TRIES = 3
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.02, 1.0
#: Who has waited for so long, for SQLite's lock perhaps, is not made to wait as long again.
PATIENCE_SECONDS = 1.0
#: PostgreSQL: serialization failure, deadlock, lock not available, server going or coming.
_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03"})
#: SQLite: busy and locked, in any of their extended forms.
_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def is_transient(error: BaseException) -> bool:
    """Tell whether the same statements may well succeed a moment later."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The low byte is the plain code: SQLITE_BUSY_SNAPSHOT is a SQLITE_BUSY.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _CODES
    state = getattr(cause, "sqlstate", None)
    # psycopg gives a lost or refused connection no state at all; class 08 is its SQL name.
    return state is None or state in _STATES or state.startswith("08")


def again(transition: Callable[[], Result], seconds: float = 0) -> Result:
    """Run a whole transaction; after a transient error run all of it again.

    It is tried three times within a second, or for as long as ``seconds`` if that is more. It
    must bear that an earlier try was committed after all, when the server went away before
    saying so. Inside a caller's transaction it is tried once: what failed there is the caller's
    to redo.
    """
    began = time.monotonic()
    for attempt in count(1):
        try:
            return transition()
        except (DatabaseError, InterfaceError) as error:
            waited = time.monotonic() - began
            is_enough = attempt >= TRIES or waited > PATIENCE_SECONDS
            if connection.in_atomic_block or not is_transient(error):
                raise
            if is_enough and waited >= seconds:
                raise
            connection.close_if_unusable_or_obsolete()
            pause = min(FIRST_PAUSE_SECONDS * 4 ** (attempt - 1), MAX_PAUSE_SECONDS)
            time.sleep(random.random() * pause)  # noqa: S311
    raise AssertionError("unreachable")

"""Database errors that pass by themselves, and the transaction that is tried again for them."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

Result = TypeVar("Result")

TRIES = 3
FIRST_PAUSE_SECONDS = 0.02
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


def again(transition: Callable[[], Result]) -> Result:
    """Run a whole transaction; after a transient error run all of it again, three times in all.

    Inside a caller's transaction it is tried once: what failed there is the caller's to redo.
    """
    for attempt in range(TRIES):
        try:
            return transition()
        except DatabaseError as error:
            is_last = attempt + 1 == TRIES
            if is_last or connection.in_atomic_block or not is_transient(error):
                raise
            connection.close_if_unusable_or_obsolete()
            time.sleep(random.random() * FIRST_PAUSE_SECONDS * 4**attempt)  # noqa: S311
    raise AssertionError("unreachable")

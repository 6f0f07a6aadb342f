"""What a job's function may leave its process: a transaction that nobody will ever end.

The soft limit strikes anywhere, also inside a query or a commit, and a function may begin what
it does not end. On such a connection the next transaction fails, or is never committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

#: What libpq calls a connection that is in no transaction and waits for no answer.
_IDLE = 0


@contextmanager
def none_left() -> Iterator[None]:
    """Replace, after the block, this thread's connections that are inside a transaction.

    What the transaction wrote is rolled back. A block that begins inside one is its caller's.
    """
    is_callers = connection.in_atomic_block
    try:
        yield
    finally:
        if not is_callers:
            for wrapper in connections.all(initialized_only=True):
                if not _is_at_rest(wrapper):
                    _replace(wrapper)


def _is_at_rest(wrapper: BaseDatabaseWrapper) -> bool:
    if wrapper.in_atomic_block:
        return False
    if wrapper.connection is None:
        return True
    if wrapper.autocommit != wrapper.settings_dict["AUTOCOMMIT"]:
        return False
    if wrapper.vendor == "sqlite":
        return not wrapper.connection.in_transaction
    status: int = wrapper.connection.info.transaction_status
    return status == _IDLE


def _replace(wrapper: BaseDatabaseWrapper) -> None:
    """Close it under Django's eyes: inside a block Django would keep it for the block's end."""
    if wrapper.connection is not None:
        with suppress(Exception):  # it is broken, or busy, which is why it goes
            wrapper.connection.close()
    del connections[wrapper.alias]

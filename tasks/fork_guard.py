"""Keeps a process from forking while one of its threads is inside a database driver.

A child inherits every lock as it is at that moment; the thread that would release it is not
in the child. SQLite's and OpenSSL's own locks cannot be made anew there, so a fork waits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.RLock()  # a signal's receiver may fork inside the block, between two queries


@contextmanager
def no_fork() -> Iterator[None]:
    """Let other threads' forks wait until the block has ended."""
    with _guard:
        yield


os.register_at_fork(
    before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_guard.release
)

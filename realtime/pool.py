"""The one crossing from the event loop to the database: a few threads, kept connections.

Channels' own bridge is one thread for the whole process, which closes its connection after
every call; one slow query there holds back every socket.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connections

from realtime.conf import limits

P = ParamSpec("P")
T = TypeVar("T")


async def ask(question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that asks the database; TimeoutError after ``database_seconds``.

    It must be safe to run twice: a connection that turns out to be broken is replaced.
    """

    def run() -> T:
        try:
            return question(*args, **kwargs)
        except (OperationalError, InterfaceError):
            if not _replace_broken():
                raise
            return question(*args, **kwargs)

    loop = asyncio.get_running_loop()
    async with asyncio.timeout(limits().database_seconds):
        return await loop.run_in_executor(_threads(), run)


def hang_up() -> None:
    """Close the threads' connections, which a test's database cannot be destroyed under."""
    everyone = Barrier(limits().database_threads)

    def close() -> None:
        everyone.wait(limits().database_seconds)  # so that each thread has one of these
        connections.close_all()

    closing = [_threads().submit(close) for _ in range(everyone.parties)]
    for each in closing:
        each.result()


def _replace_broken() -> bool:
    """Close this thread's connections that no longer work; tell whether there were any."""
    broken = [c for c in connections.all(initialized_only=True) if not _is_usable(c.alias)]
    for connection in broken:
        connection.close()
    return bool(broken)


def _is_usable(alias: str) -> bool:
    connection = connections[alias]
    return connection.connection is None or connection.is_usable()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(limits().database_threads, thread_name_prefix="database")


os.register_at_fork(after_in_child=_threads.cache_clear)

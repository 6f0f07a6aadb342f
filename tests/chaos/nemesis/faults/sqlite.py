"""What happens to a database of SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from tests.chaos.harness.database import Sqlite
from tests.chaos.nemesis.stage import Evidence, Stage

PATIENCE_SECONDS = 30.0


async def lock(stage: Stage, target: str, seconds: float) -> Evidence:
    """Hold the write lock."""
    database = stage.platform.database
    assert isinstance(database, Sqlite)
    return await asyncio.to_thread(_hold, database, asyncio.get_running_loop(), seconds)


def _hold(database: Sqlite, loop: asyncio.AbstractEventLoop, seconds: float) -> Evidence:
    holder = sqlite3.connect(database.path, isolation_level=None, timeout=PATIENCE_SECONDS)
    with closing(holder):
        holder.execute("BEGIN IMMEDIATE")
        try:
            refusal = _refusal(database)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop).result()
        finally:
            holder.execute("ROLLBACK")
    return {"others_hear": refusal, "seconds": seconds} if refusal else {}


def _refusal(database: Sqlite) -> str:
    with closing(sqlite3.connect(database.path, isolation_level=None, timeout=0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            return str(error)
    return ""

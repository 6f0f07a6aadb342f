"""What happens to a database of PostgreSQL."""

from __future__ import annotations

import asyncio

import psycopg

from tests.chaos.harness.database import Postgres
from tests.chaos.nemesis.stage import Evidence, Stage

_BORN = "SELECT pg_postmaster_start_time()::text"
_HANG_UP = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def crash(stage: Stage, target: str, seconds: float) -> Evidence:
    """Stop the server as a crash would, and start it again after a while."""
    database = _database(stage)
    before = await asyncio.to_thread(_ask, database, _BORN)
    await asyncio.to_thread(database.cluster.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(database.cluster.start)
    after = await asyncio.to_thread(_ask, database, _BORN)
    return {"before": before, "after": after} if before != after else {}


async def hang_up(stage: Stage, target: str, seconds: float) -> Evidence:
    """Have it end the backend of every connection."""
    ended = await asyncio.to_thread(_ask, _database(stage), _HANG_UP)
    return {"ended": ended} if ended else {}


def _database(stage: Stage) -> Postgres:
    database = stage.platform.database
    assert isinstance(database, Postgres)
    return database


def _ask(database: Postgres, query: str) -> object:
    with psycopg.connect(database.url, connect_timeout=10) as server:
        return server.execute(query.encode()).fetchall()[0][0]

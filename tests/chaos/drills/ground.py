"""What both drills stand on: a platform without workers, and whom it serves."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from tests.chaos import reader
from tests.chaos.evidence import Witness, load
from tests.chaos.harness.audience import Audience, Habits
from tests.chaos.harness.database import Sqlite
from tests.chaos.harness.platform import Platform
from tests.chaos.harness.program import ROOT
from tests.chaos.records import Applied, Connected

FILES = 16_384


@asynccontextmanager
async def drilling(folder: Path, users: int, webs: int, habits: Habits) -> AsyncIterator[Audience]:
    """Have so many users watch, one client each; afterwards the journals are complete."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    database = Sqlite(folder / "db.sqlite3")
    env = {"CHAOS_COUNT_QUERIES": "1"}
    platform = Platform(folder, database, webs=webs, workers=0, env=env)
    try:
        keys = await platform.make_crowd(users, 2)
        await platform.start()
        audience = Audience(platform, keys, 1, habits)
        async with audience.watching():
            yield audience
    finally:
        await platform.stop()
    await asyncio.to_thread(reader.write_final, database.url, platform.journals)


async def publish(platform: Platform, *arguments: object) -> None:
    """Run the publisher to its end."""
    command = [sys.executable, "-m", "tests.chaos.harness.publisher", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=platform.env)
    if await process.wait():
        raise RuntimeError("the publisher ended badly")


def delays(journals: Path, topic: str, *, replayed: bool) -> Iterator[float]:
    """Give how many seconds each event of a topic took from its publishing to its applying.

    ``replayed``: of those that were published before the connection they came on, or of others.
    """
    for witness in load(journals).witnesses:
        yield from _delays(witness, topic, replayed)


def _delays(witness: Witness, topic: str, replayed: bool) -> Iterator[float]:
    opened = witness.opened
    if opened is None or opened.wall is None:
        return
    offset, connected = opened.wall - opened.t, 0.0
    for record in witness.places.get(topic, ()):
        if isinstance(record, Connected):
            connected = record.t
        elif isinstance(record, Applied):
            told = datetime.fromisoformat(record.at).timestamp() - offset
            if (told < connected) is replayed:
                yield record.t - told

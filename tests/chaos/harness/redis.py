"""The run's own Redis server, which keeps a file from which it can begin again, or not."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.chaos.harness.program import Program
from tests.chaos.harness.waiting import until
from tests.redis import find_server

START_SECONDS = 20.0


class RedisProgram(Program):
    """A server on a Unix socket of the run's folder."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "redis"
        self._data.mkdir()
        socket = self._data / "redis.sock"
        self.url = f"unix://{socket}?db=0"
        options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(self._data)]
        keeping = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        env = {"PATH": os.environ["PATH"]}
        super().__init__("redis", [find_server(), *options, *keeping], env, folder)

    def forget(self) -> None:
        """Remove its file; it must not be running."""
        shutil.rmtree(self._data / "appendonlydir", ignore_errors=True)

    async def begin(self) -> None:
        """Start it and wait until it answers; TimeoutError if it does not."""
        self.start()
        await until(self.answers, START_SECONDS)

    async def answers(self, seconds: float = 1.0) -> bool:
        """Tell whether it answers a PING in time."""
        try:
            async with asyncio.timeout(seconds), self.client() as client:
                return bool(await client.ping())
        except (OSError, RedisError, TimeoutError):
            return False

    async def birth(self) -> str:
        """Name this life of the server."""
        async with self.client() as client:
            facts: dict[str, Any] = await client.info("server")
        return str(facts["run_id"])

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        client = Redis.from_url(self.url)
        try:
            yield client
        finally:
            await client.aclose()

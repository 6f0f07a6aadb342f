"""One connection to Redis, read lean: redis-py's reader costs 30 µs and more a message.

Only ``realtime.subscriber`` uses this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis.connection import parse_url

logger = logging.getLogger(__name__)


class Line(asyncio.Protocol):
    """A TCP, TLS or unix connection that speaks RESP2; ``heard`` is called with each reply."""

    def __init__(self, heard: Callable[[Any], None]) -> None:
        self._heard = heard
        self._transport: asyncio.WriteTransport
        self._parser = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()
        self.closed = self._loop.create_future()

    @classmethod
    async def dial(cls, host: dict[str, Any], heard: Callable[[Any], None]) -> Line:
        """Connect and, if the address has a password, say it."""
        address = {**parse_url(host["address"]), **host} if "address" in host else host
        loop, line = asyncio.get_running_loop(), cls(heard)
        if path := address.get("path"):
            await loop.create_unix_connection(lambda: line, path)
        else:
            await loop.create_connection(
                lambda: line,
                address.get("host", "localhost"),
                address.get("port", 6379),
                ssl=True if str(host.get("address", "")).startswith("rediss:") else None,
            )
        if password := address.get("password"):
            line.send("AUTH", *filter(None, [address.get("username")]), password)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def send(self, *words: str) -> None:
        """Write one command."""
        self._transport.write(hiredis.pack_command(words))

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        parser, heard = self._parser, self._heard
        parser.feed(data)
        while (reply := parser.gets()) is not False:
            try:
                heard(reply)
            except Exception:
                # The outermost loop of delivery: one bad message must not stop the others.
                logger.exception("A message was dropped.", extra={"action": "layer.dropped"})

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

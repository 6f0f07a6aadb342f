"""The slow end of a process: whoever is here is sent elsewhere, spread over some seconds."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

from realtime import metrics
from realtime.server.request import Request

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05


class Drain:
    """What a server does between being told to leave and stopping.

    Sockets and streams end one by one, so that those who come back do not all come at once.
    Requests are answered, also new ones while the window is open; each answer ends its connection.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._window = server.limits.drain_seconds

    async def run(self) -> None:
        """Send everybody away; returns when nobody is left, or after the longest wait."""
        server, loop = self._server, self._server.loop
        metrics.draining.set(1)
        logger.info(
            "Draining %s exchanges", len(server.exchanges), extra={"action": "serve.draining"}
        )
        # Who shares a socket with us takes what arrives there from now on.
        server.stop_listening(shared=True)
        for exchange in list(server.exchanges):
            loop.call_later(random.uniform(0, self._window), exchange.send_away)  # noqa: S311
            if isinstance(exchange, Request):
                exchange.end_connection_after()
        await asyncio.sleep(self._window)
        server.stop_listening(shared=False)
        for exchange in list(server.exchanges):
            exchange.send_away()
        await self._finish_requests()
        logger.info("Drained", extra={"action": "serve.drained"})

    async def _finish_requests(self) -> None:
        deadline = self._server.loop.time() + self._server.limits.request_seconds
        while any(channel.is_busy for channel in self._server.channels):
            if self._server.loop.time() > deadline:
                logger.warning("Requests are cut off", extra={"action": "serve.cut_off"})
                return
            await asyncio.sleep(_LOOK_SECONDS)
        for channel in list(self._server.channels):
            channel.transport.loseConnection()

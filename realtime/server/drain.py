"""The slow end of a process: whoever is here is sent elsewhere, spread over some seconds."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

from realtime import metrics
from realtime.protocol import SHUTDOWN
from realtime.server.exchange import Exchange
from realtime.server.request import Request
from realtime.server.socket import Socket

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05


class Drain:
    """What a server does between being told to leave and stopping.

    Sockets are closed one by one, so that those who come back do not all come at once. Requests
    are answered, also new ones while the window is open; each answer ends its connection.
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
            if isinstance(exchange, Socket):
                loop.call_later(random.uniform(0, self._window), _send_away, exchange)  # noqa: S311
            elif isinstance(exchange, Request):
                exchange.end_connection_after()
        await asyncio.sleep(self._window)
        server.stop_listening(shared=False)
        for exchange in list(server.exchanges):
            _send_away(exchange)
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


def _send_away(exchange: Exchange) -> None:
    # One that still shakes hands is sent away as soon as it is accepted.
    if isinstance(exchange, Socket) and exchange.is_open:
        exchange.end(*SHUTDOWN)

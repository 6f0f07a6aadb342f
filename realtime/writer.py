"""What the hub writes to: our server's socket or, under another ASGI server, a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

#: Messages that wait for another server's ``send``; past it the socket is closed as slow.
MAX_QUEUED = 1000

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Writer(Protocol):
    """Where frames go; none of its methods waits, or raises for a dying socket."""

    def write_frame(self, frame: bytes) -> None:
        """Write a whole WebSocket frame."""

    def end(self, code: int, reason: str) -> None:
        """Close, after what was written; the reason reaches the client."""


def writer_of(scope: dict[str, Any], send: Send) -> Writer:
    """Find our server's socket in the scope, or stand in for it."""
    ours: Writer | None = scope.get("extensions", {}).get("bellwire", {}).get("socket")
    return ours if ours is not None else QueuedWriter(send)


class QueuedWriter:
    """Writes in order through ASGI's ``send``, for ``runserver`` and other servers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_QUEUED)
        self._drain = asyncio.create_task(self._run())

    def write_frame(self, frame: bytes) -> None:
        text = frame[_head_length(frame) :].decode()
        self._put({"type": "websocket.send", "text": text})

    def end(self, code: int, reason: str) -> None:
        self._put({"type": "websocket.close", "code": code, "reason": reason})

    def _put(self, message: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._drain.cancel()
            closing = {"type": "websocket.close", "code": 3008, "reason": "slow"}
            self._drain = asyncio.create_task(_ignoring_errors(self._send(closing)))

    async def _run(self) -> None:
        while True:
            message = await self._queue.get()
            await self._send(message)
            if message["type"] == "websocket.close":
                return


def _head_length(frame: bytes) -> int:
    return {126: 4, 127: 10}.get(frame[1], 2)


async def _ignoring_errors(sending: Awaitable[None]) -> None:
    with suppress(Exception):  # the socket is gone already, whatever it was
        await sending

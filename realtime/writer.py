"""What the hub writes to: our server's socket or, under another ASGI server, a queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime.conf import limits
from realtime.protocol import SLOW

#: Messages that wait for another server's ``send``; past it the socket is left behind.
MAX_WAITING = 100
#: The same with replies, which are always written; past it the socket is closed as slow.
MAX_QUEUED = 1000

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Writer(Protocol):
    """Where frames go; none of its methods waits, or raises for a dying socket."""

    @property
    def is_behind(self) -> bool:
        """Tell whether the peer has more to read than it should."""

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole WebSocket frame; False asks for no more until the peer has read."""

    def call_when_drained(self, act: Callable[[], None]) -> None:
        """Call ``act`` once, when all that was written is taken."""

    def end(self, code: int, reason: str) -> None:
        """Close, after what was written; the reason reaches the client."""

    def let_go(self) -> None:
        """Write nothing more, and call nobody: the peer is gone."""


def writer_of(scope: dict[str, Any], send: Send) -> Writer:
    """Find our server's socket in the scope, or stand in for it."""
    ours: Writer | None = scope.get("extensions", {}).get("bellwire", {}).get("socket")
    return ours if ours is not None else QueuedWriter(send)


class QueuedWriter:
    """Writes in order through ASGI's ``send``, for ``runserver`` and other servers.

    How much waits there is not to be seen, unless the server's ``send`` waits for its peer.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[dict[str, Any]] = deque()
        self._drain_calls: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def is_behind(self) -> bool:
        return len(self._queue) > MAX_WAITING

    def write_frame(self, frame: bytes) -> bool:
        text = frame[_head_length(frame) :].decode()
        self._put({"type": "websocket.send", "text": text})
        if len(self._queue) > MAX_QUEUED:
            self._give_up()
        return not self.is_behind

    def call_when_drained(self, act: Callable[[], None]) -> None:
        if self._queue:
            self._drain_calls.append(act)
        else:
            act()

    def end(self, code: int, reason: str) -> None:
        self._put({"type": "websocket.close", "code": code, "reason": reason})
        self._is_over = True

    def let_go(self) -> None:
        self._is_over = True
        self._stop()

    def _put(self, message: dict[str, Any]) -> None:
        if not self._is_over:
            self._queue.append(message)
            if self._task is None:
                self._task = asyncio.create_task(self._run())

    def _give_up(self) -> None:
        self._stop()
        self.end(*SLOW)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._queue.clear()
        self._drain_calls.clear()

    async def _run(self) -> None:
        try:
            while self._queue:
                async with asyncio.timeout(limits().slow_seconds):
                    await self._send(self._queue[0])
                self._queue.popleft()
        except TimeoutError:
            self._task = None  # this very one, which must not be cancelled
            self._give_up()
            return
        except Exception:
            self._queue.clear()  # the socket is gone already, whatever it was
        self._task = None
        calls, self._drain_calls = self._drain_calls, []
        for call in calls if not self._is_over else ():
            call()


def _head_length(frame: bytes) -> int:
    return {126: 4, 127: 10}.get(frame[1], 2)

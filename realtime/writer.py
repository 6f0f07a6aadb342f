"""What the hub writes to: our server's own output or, under another ASGI server, a queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from realtime.conf import limits
from realtime.frames import payload_of
from realtime.protocol import SLOW

#: Messages that wait for another server's ``send``; past it the socket is left behind.
MAX_WAITING = 100
#: The same with replies, which are always written; past it the socket is closed as slow.
MAX_QUEUED = 1000

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
#: Called with a code and a reason when a response is to end.
End = Callable[[int, str], None]


class Outlet(Protocol):
    """What leads to a peer; none of its methods waits, or raises for a peer that is gone."""

    @property
    def is_behind(self) -> bool:
        """Tell whether the peer has more to read than it should."""

    def call_when_drained(self, act: Callable[[], None]) -> None:
        """Call ``act`` once, when all that was written is taken."""

    def let_go(self) -> None:
        """Write nothing more, and call nobody: the peer is gone."""


class Writer(Outlet, Protocol):
    """Where frames go."""

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole WebSocket frame; False asks for no more until the peer has read."""

    def end(self, code: int, reason: str) -> None:
        """Close, after what was written; the reason reaches the client."""


class BodyWriter(Outlet, Protocol):
    """Where a response goes."""

    def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Say the response's head, before anything else."""

    def write(self, piece: bytes) -> bool:
        """Write some of the body; False asks for no more until the peer has read."""

    def finish(self, piece: bytes = b"") -> None:
        """Write the end of the body."""


def writer_of(scope: dict[str, Any], send: Send) -> Writer:
    """Find our server's socket in the scope, or stand in for it."""
    ours: Writer | None = scope.get("extensions", {}).get("bellwire", {}).get("socket")
    return ours if ours is not None else QueuedWriter(send)


def body_writer_of(scope: Message, send: Send, end: End) -> BodyWriter:
    """Find our server's request in the scope, or stand in for it.

    ``end`` is called when the peer is too slow or, by our server, when it leaves.
    """
    ours = scope.get("extensions", {}).get("bellwire", {}).get("request")
    return ours.stream(end) if ours is not None else QueuedBodyWriter(send, end)


class _Queue:
    """Sends in order through ASGI's ``send``, for ``runserver`` and other servers.

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

    def call_when_drained(self, act: Callable[[], None]) -> None:
        if self._queue:
            self._drain_calls.append(act)
        else:
            act()

    def end(self, code: int, reason: str) -> None:
        raise NotImplementedError

    def let_go(self) -> None:
        self._is_over = True
        self._stop()

    def _put(self, message: Message) -> bool:
        if not self._is_over:
            self._queue.append(message)
            if self._task is None:
                self._task = asyncio.create_task(self._run())
        if len(self._queue) > MAX_QUEUED:
            self._give_up()
        return not self.is_behind

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


class QueuedWriter(_Queue):
    """A socket of another server."""

    def write_frame(self, frame: bytes) -> bool:
        return self._put({"type": "websocket.send", "text": payload_of(frame).decode()})

    def end(self, code: int, reason: str) -> None:
        self._put({"type": "websocket.close", "code": code, "reason": reason})
        self._is_over = True


class QueuedBodyWriter(_Queue):
    """A response of another server."""

    def __init__(self, send: Send, end: End) -> None:
        super().__init__(send)
        self._end = end

    def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        start = {"type": "http.response.start", "status": status, "headers": list(headers)}
        self._put(start)

    def write(self, piece: bytes) -> bool:
        return self._put({"type": "http.response.body", "body": piece, "more_body": True})

    def finish(self, piece: bytes = b"") -> None:
        self._put({"type": "http.response.body", "body": piece, "more_body": False})
        self._is_over = True

    def end(self, code: int, reason: str) -> None:
        self._end(code, reason)

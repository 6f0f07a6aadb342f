"""A page: the observers' client on a socket of the real consumer, and what it went through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from realtime.consumers import NotificationConsumer
from realtime.frames import text_frame
from tests.chaos.client import Client, PlaceLost, Refused
from tests.chaos.course import Course, Wire
from tests.chaos.records import Placed, Record, Reload

SITE = "site:all"


class Socket:
    """What the consumer writes to: a peer that reads at once or, stalled, not at all."""

    def __init__(self, heard: Callable[[str], None], closed: Callable[[int], None]) -> None:
        self._heard, self._closed = heard, closed
        self._waiting: list[str] = []
        self._calls: list[Callable[[], None]] = []
        self.is_stalled = self.is_over = False

    @property
    def is_behind(self) -> bool:
        return self.is_stalled

    def write_frame(self, frame: bytes) -> bool:
        if not self.is_over:
            self._waiting.append(_text_of(frame))
            self._flow()
        return not self.is_stalled

    def call_when_drained(self, act: Callable[[], None]) -> None:
        self._calls.append(act)
        self._flow()

    def end(self, code: int, reason: str) -> None:
        if not self.is_over:
            self.is_over = True
            self._closed(code)

    def let_go(self) -> None:
        self._calls.clear()

    def resume(self) -> None:
        """Read what waits, and go on reading."""
        self.is_stalled = False
        self._flow()

    def _flow(self) -> None:
        if self.is_stalled:
            return
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            self._heard(text)
        calls, self._calls = self._calls, []
        for act in calls:
            asyncio.get_running_loop().call_soon(act)


class Page:
    """One client of one session, over as many sockets as it takes."""

    def __init__(self, user: int, session: str) -> None:
        self.user, self.session = user, session
        self.own = f"user:{user}"
        self._client = Client(self.own, [SITE], self._note)
        self.records: list[Record] = []
        self.courses = {self.own: Course(), SITE: Course()}
        self.wires = {self.own: Wire(), SITE: Wire()}
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.socket: Socket | None = None
        #: The code with which it was closed for good.
        self.closed_for_good = 0

    @property
    def is_connected(self) -> bool:
        return self.socket is not None and not self.socket.is_over

    @property
    def needs_state(self) -> bool:
        return self.is_connected and self._client.needs_state

    def connect(self) -> None:
        """Open a socket and say where it is."""
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox = inbox
        self.socket = socket = Socket(lambda text: self._hear(socket, text), self._was_closed)
        scope = {
            "type": "websocket",
            "headers": [(b"cookie", f"sessionid={self.session}".encode())],
            "extensions": {"bellwire": {"socket": socket}},
        }
        self._task = asyncio.ensure_future(NotificationConsumer()(scope, inbox.get, _send))
        inbox.put_nowait({"type": "websocket.connect"})
        self._say(self._client.greet())

    def cut(self) -> None:
        """Lose the line; the server hears of it at once."""
        if self.socket is not None:
            self.socket.is_over = True
            self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def state_was_read(self) -> None:
        """Have read the state, at some moment after its place was taken."""
        with suppress(PlaceLost):
            self._client.state_was_read([])
            return
        self.cut()

    def place(self, topic: str) -> tuple[str, int] | None:
        """Give where it is in a topic."""
        place = self._client.end().positions.get(topic)
        return (place.epoch, place.offset) if place else None

    def _hear(self, socket: Socket, text: str) -> None:
        if socket is not self.socket or socket.is_over:
            return
        for line in text.split("\n"):
            try:
                self._say(self._client.hear(json.loads(line)))
            except PlaceLost:
                self.cut()
            except Refused as refusal:
                self.cut()
                if not refusal.is_temporary:
                    self.closed_for_good = refusal.code

    def _say(self, messages: Iterable[Mapping[str, Any]]) -> None:
        text = "\n".join(map(json.dumps, messages))
        if text:
            self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def _was_closed(self, code: int) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": code})
        if 3500 <= code < 4000 or code >= 4500:
            self.closed_for_good = code

    def _note(self, record: Record) -> None:
        self.records.append(record)
        if isinstance(record, Placed):
            self.courses[record.topic].take(record)
            if not isinstance(record, Reload):
                self.wires[record.topic].take(record)


async def _send(message: Mapping[str, Any]) -> None:
    """Take ASGI's accept; all else goes through the socket."""


def _text_of(frame: bytes) -> str:
    length = frame[1] & 127
    start = {126: 4, 127: 10}.get(length, 2)
    text = frame[start:].decode()
    assert text_frame(text.encode()) == frame
    return text

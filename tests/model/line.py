"""One connection: the real consumer at its one end, at the other a peer that reads as it likes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from realtime.consumers import NotificationConsumer
from realtime.frames import text_frame

#: Frames that a peer leaves unread before its socket is behind; None where it reads at once.
Room = int | None
MOST_ROOM = 3


class Line:
    """What the consumer writes to, and what its peer reads from; made in the server's loop."""

    def __init__(
        self, session: str, heard: Callable[[str], None], closed: Callable[[int], None]
    ) -> None:
        self._heard, self._closed = heard, closed
        self._drain_calls: list[Callable[[], None]] = []
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.unread: list[str] = []
        self.room: Room = None
        #: The peer hears nothing more, for the server has closed or the peer has gone.
        self.is_over = False
        scope = {
            "type": "websocket",
            "headers": [(b"cookie", f"sessionid={session}".encode())],
            "extensions": {"bellwire": {"socket": self}},
        }
        self.loop = asyncio.get_running_loop()
        self.task = self.loop.create_task(NotificationConsumer()(scope, self._inbox.get, _send))
        self._inbox.put_nowait({"type": "websocket.connect"})

    # What the peer does -----------------------------------------------------------------------

    def say(self, text: str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def read(self, frames: int) -> None:
        """Read so many of the frames that wait."""
        for text in self._take(frames):
            self._heard(text)
        self._see_if_drained()

    def flow(self) -> None:
        """Read what waits, and from now on at once."""
        self.room = None
        self.read(len(self.unread))

    def break_off(self, is_noticed: bool) -> None:
        """Be gone; the server hears of it now, or never."""
        self.is_over, self.room = True, None
        self.unread.clear()
        if is_noticed:
            self._disconnect(1006)

    # What the consumer's side may call: ``realtime.writer.Writer`` ----------------------------

    @property
    def is_behind(self) -> bool:
        return self.room is not None and len(self.unread) > self.room

    def write_frame(self, frame: bytes) -> bool:
        if not self.is_over:
            self.unread.append(_text_of(frame))
            if self.room is None:
                self.read(1)
        return not self.is_behind

    def call_when_drained(self, act: Callable[[], None]) -> None:
        self._drain_calls.append(act)
        self._see_if_drained()

    def end(self, code: int, reason: str) -> None:
        if not self.is_over:
            self.is_over = True
            self._closed(code)
        self._disconnect(code)

    def let_go(self) -> None:
        self._drain_calls.clear()

    def _see_if_drained(self) -> None:
        if not self.unread:
            calls, self._drain_calls = self._drain_calls, []
            for act in calls:
                self.loop.call_soon(act)

    def _take(self, frames: int) -> list[str]:
        taken, self.unread[:frames] = self.unread[:frames], []
        return taken

    def _disconnect(self, code: int) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": code})


async def _send(message: Mapping[str, Any]) -> None:
    """Take ASGI's accept; all else is written to the line."""


def _text_of(frame: bytes) -> str:
    text = frame[{126: 4, 127: 10}.get(frame[1], 2) :]
    assert text_frame(text) == frame
    return text.decode()

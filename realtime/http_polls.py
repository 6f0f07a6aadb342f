"""A long poll: the plain read's answer, given as soon as there is something in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from realtime import protocol
from realtime.errors import Disconnect
from realtime.event_stream import unwrapped
from realtime.frames import payload_of
from realtime.guest import Write
from realtime.history import Page
from realtime.http_visits import Visit
from realtime.topics import Topic
from realtime.writer import Outlet

_encode = msgspec.json.Encoder().encode
#: Ends at which the client had better ask again at once.
_ASK_AGAIN = {protocol.SHUTDOWN[0], protocol.INSUFFICIENT_STATE[0]}


class LongPoll(Visit):
    """One answer, at once or once there is an event, or when the wait is over."""

    way = "poll"
    _timer: asyncio.TimerHandle | None = None

    def ping(self) -> None:
        """Say nothing: the answer is not due."""

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more; there is none to forbid."""
        self._forget(topic)

    def _begin(self, pages: Mapping[Topic, Page]) -> None:
        page = self._page = pages[self.personal]
        self._heard: list[tuple[int, bytes]] = []
        if page.events or not page.recovered:
            missed = [(offset, data.encode()) for offset, data in page.events]
            self._answer(missed, page.head, recovered=page.recovered)
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._wish.wait, self._answer_heard)
            self._subscriptions[self.personal].release()

    def _finish(self, ending: Disconnect) -> None:
        if self._heard or ending.code in _ASK_AGAIN:
            self._write_answer(self._heard, self._head, recovered=True)
        else:
            self._refuse(ending)

    def _leave(self) -> None:
        super()._leave()
        if self._timer is not None:
            self._timer.cancel()

    def _place(self, topic: Topic) -> tuple[Write, Outlet]:
        return self._write, self._outlet

    def _write(self, frame: bytes) -> bool:
        if (pushed := unwrapped(payload_of(frame))) is None:
            self.displaced(self.personal)
            return True
        data, offset = pushed
        if offset:
            if not self._heard:  # what comes with it in this turn of the loop goes with it
                asyncio.get_running_loop().call_soon(self._answer_heard)
            self._heard.append((offset, data))
        return len(self._heard) <= self._wish.limit

    @property
    def _head(self) -> int:
        return self._heard[-1][0] if self._heard else self._page.head

    def _answer_heard(self) -> None:
        self._answer(self._heard, self._head, recovered=True)

    def _answer(self, events: Sequence[tuple[int, bytes]], head: int, *, recovered: bool) -> None:
        if not self._is_over:
            self._over("answered" if events or not recovered else "empty")
            self._write_answer(events, head, recovered=recovered)

    def _write_answer(
        self, events: Sequence[tuple[int, bytes]], head: int, *, recovered: bool
    ) -> None:
        shown = events[: self._wish.limit]
        body = _encode(
            {
                "epoch": self._page.epoch,
                "offset": head,
                "events": [{"offset": at, "data": msgspec.Raw(data)} for at, data in shown],
                "recovered": recovered and len(shown) == len(events),
            }
        )
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        self._outlet.start(200, headers)
        self._outlet.finish(body)

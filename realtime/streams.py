"""Server-sent events to one client, for as long as it stays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import partial

from realtime import event_stream, protocol
from realtime.conf import limits
from realtime.errors import Disconnect
from realtime.event_stream import unwrapped
from realtime.frames import payload_of
from realtime.guest import Write
from realtime.history import Page
from realtime.http_visits import Visit
from realtime.protocol import Position
from realtime.topics import Topic
from realtime.writer import Outlet

_HEADERS = [
    (b"content-type", event_stream.CONTENT_TYPE),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
#: From this code on a client is not to come back as it is.
_FOR_GOOD = 3500


class EventStream(Visit):
    """An endless response, bounded as a socket is; without pongs, and with nothing to command."""

    way = "sse"

    def ping(self) -> None:
        """Write a comment; behind much else it would tell nobody anything."""
        if self._has_begun and not self._outlet.is_behind:
            self._outlet.write(event_stream.HEARTBEAT)

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more; the client is told that it may not."""
        self._forget(topic)
        if self._has_begun:
            why = protocol.UNSUBSCRIBED_BY_SERVER
            self._outlet.write(event_stream.unsubscribed(str(topic), *why))

    def _begin(self, pages: Mapping[Topic, Page]) -> None:
        asked = dict([(self.personal, self._wish.at), *self._wish.others])
        self._places = {topic: _start(asked[topic], page) for topic, page in pages.items()}
        self._outlet.start(200, _HEADERS)
        self._outlet.write(_opening(list(self._places.values())))
        for topic, page in pages.items():
            if asked[topic] is not None:
                self._tell_missed(topic, page)
        for subscription in list(self._subscriptions.values()):
            subscription.release()

    def _finish(self, ending: Disconnect) -> None:
        self._outlet.finish(event_stream.end(ending.code, ending.reason))

    def _refuse(self, problem: Exception) -> None:
        # A browser's EventSource gives up at any status but 200: who may come back must get it.
        if isinstance(problem, Disconnect) and problem.code < _FOR_GOOD:
            self._outlet.start(200, _HEADERS)
            self._outlet.write(_opening())
            self._finish(problem)
        else:
            super()._refuse(problem)

    def _place(self, topic: Topic) -> tuple[Write, Outlet]:
        name = "" if topic == self.personal else str(topic)
        return partial(self._write, topic, name), self._outlet

    def _write(self, topic: Topic, name: str, frame: bytes) -> bool:
        if (pushed := unwrapped(payload_of(frame))) is None:
            self.displaced(topic)
            return True
        data, offset = pushed
        if offset:
            return self._outlet.write(self._event(topic, name, offset, data))
        return self._outlet.write(event_stream.update(data, name))

    def _event(self, topic: Topic, name: str, offset: int, data: bytes) -> bytes:
        self._places[topic] = Position(self._places[topic].epoch, offset)
        return event_stream.event(self._places.values(), data, name)

    def _tell_missed(self, topic: Topic, page: Page) -> None:
        name = "" if topic == self.personal else str(topic)
        if page.recovered:
            missed = [self._event(topic, name, at, data.encode()) for at, data in page.events]
            self._outlet.write(b"".join(missed))
        else:
            at = self._places[topic]
            self._outlet.write(event_stream.reload(self._places.values(), str(topic), at))


def _start(asked: Position | None, page: Page) -> Position:
    recovers = asked is not None and page.recovered
    return Position(page.epoch, asked.offset if asked is not None and recovers else page.head)


def _opening(places: list[Position] | None = None) -> bytes:
    # With jitter: those who lost a server together must not come back together.
    retry = limits().stream_retry_seconds * random.uniform(0.5, 1.5)  # noqa: S311
    return event_stream.opening(retry, places or ())

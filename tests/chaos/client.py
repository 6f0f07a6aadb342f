"""One observing client: what it says, what it applies, what it shows. It does no I/O of its own.

Written from the page on the wire (docs/protocol.md) and on purpose not from any other client:
it journals every event that comes before it looks at it, applies each of a topic once and in
order, and where it cannot be made whole it has the state read anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.records import (
    Applied,
    Connected,
    End,
    Place,
    Received,
    Record,
    Reload,
    Update,
)
from tests.chaos.screen import Screen

Message = Mapping[str, Any]


class PlaceLost(Exception):
    """What came does not follow on what was applied: come back and say where you are."""


class Refused(Exception):
    """The server answered a command with an error."""

    def __init__(self, code: int, reason: str, is_temporary: bool) -> None:
        super().__init__(code, reason)
        self.code, self.reason, self.is_temporary = code, reason, is_temporary


@dataclass
class Ear:
    """A topic as this client follows it."""

    #: What is applied; None before there was anything to apply it to.
    place: Place | None = None
    #: The history that this connection is in.
    epoch: str = ""
    #: The place that was taken before the state, while that is being read.
    reading: Place | None = None
    #: What came meanwhile.
    held: list[Message] = field(default_factory=list)


class Client:
    """A user's client, with its ears; ``write`` takes what it journals."""

    def __init__(self, own: str, others: Sequence[str], write: Callable[[Record], None]) -> None:
        self.own, self._write = own, write
        self._ears = {topic: Ear() for topic in (own, *others)}
        self._subscribes = dict(enumerate(others, start=2))
        self.screen = Screen()
        self.ping_seconds = 0.0

    @property
    def needs_state(self) -> bool:
        return self._ears[self.own].reading is not None

    def greet(self) -> Sequence[Message]:
        """Say hello on a new connection, with the place in the topic that is one's own."""
        for ear in self._ears.values():
            ear.reading, ear.held = None, []
        self.ping_seconds = 0.0
        place = self._ears[self.own].place
        subs = {self.own: _recovery(place)} if place else {}
        return [{"id": 1, "connect": {"name": "observer", "subs": subs}}]

    def hear(self, message: Message) -> Sequence[Message]:
        """Act on one message and return what to answer; PlaceLost or Refused end it."""
        match message:
            case {"id": 1, "connect": reply}:
                return self._connected(reply)
            case {"id": number, "subscribe": reply}:
                self._subscribed(self._subscribes[number], reply)
            case {"error": {"code": code, "message": reason, **rest}}:
                raise Refused(code, reason, bool(rest.get("temporary")))
            case {"push": {"channel": topic, "pub": {"offset": _} as publication}}:
                self._event_came(topic, publication)
            case {"push": {"channel": topic, "pub": {"data": update}}}:
                self._update_came(topic, update)
            case {"push": {"unsubscribe": {"code": code}}} if code >= 2500:
                raise PlaceLost
            case _ if not message:
                return [{}]
        return []

    def state_was_read(self, jobs: Iterable[Message]) -> None:
        """Go on from the place that was taken before these jobs were read."""
        ear = self._ears[self.own]
        if ear.reading is None:
            return
        ear.place, ear.reading, held = ear.reading, None, ear.held
        self.screen.show(jobs)
        self._write(
            Reload(t=_now(), topic=self.own, epoch=ear.place.epoch, offset=ear.place.offset)
        )
        for publication in held:
            self._judge(self.own, publication)

    def end(self) -> End:
        """Say where it is, and what it shows."""
        places = {topic: ear.place for topic, ear in self._ears.items() if ear.place}
        return End(t=_now(), positions=places, jobs=dict(self.screen.states))

    def _connected(self, reply: Message) -> Sequence[Message]:
        self.ping_seconds = float(reply.get("ping", 0))
        for topic, subscription in reply["subs"].items():
            self._subscribed(topic, subscription)
        return [
            {"id": number, "subscribe": {"channel": topic, **_recovery(self._ears[topic].place)}}
            for number, topic in self._subscribes.items()
        ]

    def _subscribed(self, topic: str, reply: Message) -> None:
        ear = self._ears.setdefault(topic, Ear())
        place, recovered = Place(reply["epoch"], reply.get("offset", 0)), "recovered" in reply
        ear.epoch = place.epoch
        at: dict[str, Any] = {"topic": topic, "epoch": place.epoch, "offset": place.offset}
        self._write(Connected(t=_now(), **at, recovered=recovered, asked=ear.place))
        if recovered:
            for publication in reply.get("publications", ()):
                self._event_came(topic, publication)
        elif topic == self.own:
            ear.reading = place
        else:
            self._begin_anew(topic, ear, place)

    def _begin_anew(self, topic: str, ear: Ear, place: Place) -> None:
        """Go on from here in a topic that this client keeps no state of."""
        if ear.place is not None:
            self._write(_reload(topic, place))
        ear.place = place

    def _event_came(self, topic: str, publication: Message) -> None:
        ear = self._ears.setdefault(topic, Ear())
        told = _told(topic, ear.epoch, publication)
        self._write(Received(t=_now(), **told))
        if ear.reading is not None:
            ear.held.append(publication)
        else:
            self._judge(topic, publication)

    def _judge(self, topic: str, publication: Message) -> None:
        ear, offset = self._ears[topic], publication["offset"]
        if ear.place is None or ear.place.epoch != ear.epoch or offset > ear.place.offset + 1:
            raise PlaceLost
        if offset <= ear.place.offset:
            return
        ear.place, event = ear.place.next, publication["data"]
        told = _told(topic, ear.epoch, publication)
        self._write(Applied(t=_now(), **told, at=event.get("at", "")))
        if job := event.get("job"):
            self.screen.happened(job)

    def _update_came(self, topic: str, update: Message) -> None:
        job, n = update.get("job"), update.get("n", 0)
        if job and self.screen.progressed(job, n):
            attempt = job["attempt"]
            self._write(Update(t=_now(), topic=topic, job=job["id"], attempt=attempt, n=n))


def _recovery(place: Place | None) -> dict[str, Any]:
    return {"recover": True, "epoch": place.epoch, "offset": place.offset} if place else {}


def _reload(topic: str, place: Place) -> Reload:
    return Reload(t=_now(), topic=topic, epoch=place.epoch, offset=place.offset)


def _told(topic: str, epoch: str, publication: Message) -> dict[str, Any]:
    event = publication["data"]
    job = (event.get("job") or {}).get("id")
    offset = publication["offset"]
    return {"topic": topic, "epoch": epoch, "offset": offset, "type": event["type"], "job": job}


def _now() -> float:
    return time.monotonic()

"""One topic followed by a program: what it says, hears, applies and drops. Pure.

The other side of ``realtime.connection``, as docs/protocol.md asks it of the author of a client.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Codes after which coming back as one is would change nothing.
_FINAL_CODES = range(3500, 4000)
_TOKEN_EXPIRED = 109


@dataclass(frozen=True, slots=True)
class Say:
    """Send this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """The next event of the topic, to be applied."""

    offset: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """What may be lost, and of which the newest wins."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Anew:
    """Read the state now: what follows is later. Unless it ``is_first``, something was missed."""

    epoch: str
    offset: int
    is_first: bool


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the socket; ``is_final`` if there is no use in coming back."""

    reason: str
    is_final: bool = False


Effect = Say | Event | Update | Anew | HangUp


class Following:
    """A place in one topic, kept over as many sockets as it takes."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._epoch, self._offset = "", 0
        #: Whether this socket's connect was answered, and after how many seconds without a
        #: word it must be taken for dead.
        self.is_connected = False
        self.silence_seconds = 15.0

    def begin(self, token: str) -> str:
        """Give the first text of a new socket."""
        self.is_connected, self.silence_seconds = False, 15.0
        connect: dict[str, Any] = {"token": token, "name": "bellwire-tail"}
        if self._epoch:
            place = {"epoch": self._epoch, "offset": self._offset}
            connect["data"] = {"since": {self._topic: place}}
        return json.dumps({"id": 1, "connect": connect})

    def hear(self, text: str) -> Iterator[Effect]:
        """Take a text; what is not known here is ignored, what cannot be so hangs up."""
        try:
            frames = [json.loads(line) for line in text.split("\n")]
        except ValueError:
            frames = ["not JSON"]
        for frame in frames:
            if frame == {}:
                yield Say("{}")
            else:
                yield from self._hear(frame)

    def _hear(self, frame: object) -> Iterator[Effect]:
        match frame:
            case {"error": {"code": int(code), **rest}}:
                is_final = code != _TOKEN_EXPIRED
                yield HangUp(str(rest.get("message", code)), is_final=is_final)
            case {"connect": dict(answer)}:
                yield from self._connected(answer)
            case {"push": {"channel": self._topic, "pub": dict(publication)}}:
                yield from self._take(publication)
            case {"push": {"channel": self._topic, "unsubscribe": _}}:
                yield HangUp("the topic lost its place")
            case dict():
                pass
            case _:
                yield HangUp("this is not Bellwire's protocol")

    def _connected(self, answer: Mapping[str, Any]) -> Iterator[Effect]:
        place: Any = answer.get("subs", {}).get(self._topic)
        if place is None:
            yield HangUp(f"the token is not for {self._topic}", is_final=True)
            return
        epoch, offset = str(place["epoch"]), int(place["offset"])
        self.is_connected = True
        self.silence_seconds = float(answer.get("ping", 25)) + 10
        if not self._epoch or not place.get("recovered"):
            yield Anew(epoch, offset, is_first=not self._epoch)
            self._epoch, self._offset = epoch, offset
            return
        for publication in place.get("publications", []):
            yield from self._take(publication)

    def _take(self, publication: Mapping[str, Any]) -> Iterator[Effect]:
        match publication:
            case {"offset": int(offset), "data": dict(data)}:
                if offset == self._offset + 1:
                    self._offset = offset
                    yield Event(offset, data)
                elif offset > self._offset:
                    yield HangUp("an event is missing")
            case {"data": dict(data)}:
                yield Update(data)


def may_come_back(close_code: int) -> bool:
    """Tell whether to connect again after a socket was closed with this code."""
    return close_code not in _FINAL_CODES


def backoff(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Give the seconds to wait before attempt number ``attempt`` (from 0), as the page does."""
    return 0.5 + chance() * min(20.0, 0.5 * 2.0 ** min(attempt, 10))

"""Server-sent events: how what is pushed on a topic reads as text/event-stream. Pure.

The format is that of the WHATWG's HTML standard, section 9.2. Events of the personal topic have
no name, so that ``onmessage`` hears them; their id is the client's place, which a browser sends
back as Last-Event-ID.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from realtime.protocol import Position

CONTENT_TYPE = b"text/event-stream"
#: A comment, which clients pass over.
HEARTBEAT = b":\n\n"
#: Offsets are 64 bits with a sign in both databases.
MAX_OFFSET = (1 << 63) - 1

_PLACE = re.compile(r"(?P<epoch>[A-Za-z0-9_-]{1,16}):(?P<offset>[0-9]{1,19})", re.ASCII)
_encode = msgspec.json.Encoder().encode


class _Publication(msgspec.Struct):
    data: msgspec.Raw
    offset: int = 0


class _Push(msgspec.Struct):
    pub: _Publication


class _Pushed(msgspec.Struct):
    push: _Push


_read = msgspec.json.Decoder(_Pushed).decode


def unwrapped(payload: bytes) -> tuple[bytes, int] | None:
    """Take data, as JSON, and offset, 0 for an update, out of a push; None if it is none."""
    try:
        pub = _read(payload).push.pub
    except msgspec.MsgspecError:
        return None  # somebody else writes to our Redis, or to the log
    return bytes(pub.data), pub.offset


def opening(retry_seconds: float, places: Collection[Position] = ()) -> bytes:
    """Write how soon to come back, and the places that the stream begins at."""
    # An id without data makes no event; it is remembered all the same.
    place = b"id: %s\n" % _id(places) if places else b""
    return b"retry: %d\n%s\n" % (retry_seconds * 1000, place)


def event(places: Collection[Position], data: bytes, topic: str = "") -> bytes:
    """Write an event, after which the client's places are these; ``topic`` if not its own."""
    name = b"event: %s\n" % topic.encode() if topic else b""
    return b"%sid: %s\ndata: %s\n\n" % (name, _id(places), _line(data))


def update(data: bytes, topic: str = "") -> bytes:
    """Write an update, which changes no place; ``topic`` if not the client's own."""
    return b"event: %s\ndata: %s\n\n" % (f"update {topic}".strip().encode(), _line(data))


def reload(places: Collection[Position], topic: str, at: Position) -> bytes:
    """Write that a topic cannot be recovered from where the client was; it is at ``at`` now."""
    data = _encode({"topic": topic, "epoch": at.epoch, "offset": at.offset})
    return b"event: reload\nid: %s\ndata: %s\n\n" % (_id(places), data)


def unsubscribed(topic: str, code: int, reason: str) -> bytes:
    """Write that a topic is heard no more."""
    data = _encode({"topic": topic, "code": code, "reason": reason})
    return b"event: unsubscribe\ndata: %s\n\n" % data


def end(code: int, reason: str) -> bytes:
    """Write that the stream is over; the codes are those of a socket's close."""
    return b"event: end\ndata: %s\n\n" % _encode({"code": code, "reason": reason})


def places_of(last_event_id: str) -> list[Position]:
    """Read what a client sends back as Last-Event-ID; ValueError if we never said so."""
    return [_place(text) for text in last_event_id.split(",")]


def _place(text: str) -> Position:
    match = _PLACE.fullmatch(text)
    if match is None or int(match["offset"]) > MAX_OFFSET:
        raise ValueError(text)
    return Position(match["epoch"], int(match["offset"]), recover=True)


def _id(places: Collection[Position]) -> bytes:
    return ",".join(f"{at.epoch}:{at.offset}" for at in places).encode()


def _line(data: bytes) -> bytes:
    # In JSON these stand between tokens only; here they would end the field.
    return data.translate(None, b"\r\n")

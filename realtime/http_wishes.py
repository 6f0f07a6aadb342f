"""What a GET of /api/events wishes for beyond a plain read: to wait, or to be streamed to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from realtime import event_stream
from realtime.conf import limits
from realtime.errors import InvalidTopic
from realtime.history import MAX_REPLAY_EVENTS
from realtime.protocol import Position
from realtime.server.handshake import Headers, Refusal
from realtime.topics import Topic

_EPOCH = re.compile(r"[A-Za-z0-9_-]{0,16}", re.ASCII)
_DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """``at`` is the place in the personal topic, None for where it is now.

    ``others`` are further topics with places in them. A long poll waits ``wait`` seconds for
    at most ``limit`` events; a stream has neither.
    """

    at: Position | None
    token: str = ""
    others: Sequence[tuple[Topic, Position | None]] = ()
    wait: int = 0
    limit: int = 0


def wish_of(scope: dict[str, Any]) -> Wish | None:
    """Read a request's wish, None for a plain read; one that makes no sense is a Refusal."""
    headers, query = scope["headers"], _query(scope.get("query_string", b""))
    if _accepts_stream(headers):
        return _stream(headers, query)
    if "wait" in query:
        return _poll(headers, query)
    return None


def _stream(headers: Headers, query: dict[str, str]) -> Wish:
    topics = _topics(query.get("topics", ""))
    if last := _value(headers, b"last-event-id"):
        at, *others = _places(last, len(topics))
    else:
        at = _position(query) if "after" in query or "epoch" in query else None
        others = [None] * len(topics)
    return Wish(at, _token(headers), tuple(zip(topics, others, strict=True)))


def _poll(headers: Headers, query: dict[str, str]) -> Wish:
    if "topics" in query:
        raise _wrong("topics", "a long poll hears your own topic alone")
    wait = _number(query, "wait", 1, limits().max_wait_seconds, 0)
    limit = _number(query, "limit", 1, MAX_REPLAY_EVENTS, _DEFAULT_LIMIT)
    return Wish(_position(query), _token(headers), wait=wait, limit=limit)


def _position(query: dict[str, str]) -> Position:
    epoch = query.get("epoch", "")
    if not _EPOCH.fullmatch(epoch):
        raise _wrong("epoch", "this names no history")
    return Position(epoch, _number(query, "after", 0, event_stream.MAX_OFFSET, 0), recover=True)


def _places(last_event_id: str, topics: int) -> list[Position | None]:
    try:
        places = event_stream.places_of(last_event_id)
    except ValueError:
        raise _wrong("Last-Event-ID", "this is no id of ours") from None
    if len(places) != 1 + topics:
        raise _wrong("Last-Event-ID", "it has one place for you and one for each of `topics`")
    return list(places)


def _topics(names: str) -> list[Topic]:
    try:
        topics = [Topic.parse(name) for name in names.split(",") if names]
    except InvalidTopic:
        raise _wrong("topics", "one of these is no topic's name") from None
    if len(topics) > limits().max_stream_topics or len(set(topics)) < len(topics):
        most = limits().max_stream_topics
        raise _wrong("topics", f"a stream hears at most {most} more, each named once")
    return topics


def _number(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not least <= number <= most:
        raise _wrong(name, f"a whole number from {least} to {most}")
    return number


def _token(headers: Headers) -> str:
    scheme, _, token = _value(headers, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _accepts_stream(headers: Headers) -> bool:
    wanted = event_stream.CONTENT_TYPE.decode()
    ranges = _value(headers, b"accept").lower().split(",")
    return any(each.partition(";")[0].strip() == wanted for each in ranges)


def _query(query_string: bytes) -> dict[str, str]:
    return dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))


def _value(headers: Headers, wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in headers if name == wanted)


def _wrong(place: str, sentence: str) -> Refusal:
    return Refusal(422, "invalid_request", f"{place}: {sentence}.")

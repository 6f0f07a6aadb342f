"""The client protocol: typed commands, replies, pushes and codes. Pure.

It is the open Centrifugo client protocol, version 2, in its JSON form (the schema is
``client.proto`` of centrifugal/protocol), so that the kept SDKs work unchanged. Both ways a
text message is one or more JSON objects divided by newlines; ``{}`` is a ping or its pong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from realtime.errors import Disconnect, ProtocolError
from realtime.history import Page

VERSION = "bellwire"
PING = b"{}"
MAX_MESSAGE_BYTES = 64 * 1024
#: SDKs connect and subscribe again to everything they had in one message.
MAX_COMMANDS = 256

#: Close codes; 3500-3999 end the client for good, the others let it come back.
SHUTDOWN = (3001, "shutdown")
SERVER_ERROR = (3004, "internal server error")
EXPIRED = (3005, "connection expired")
SLOW = (3008, "slow")
INSUFFICIENT_STATE = (3010, "insufficient state")
FORCE_RECONNECT = (3011, "force reconnect")
NO_PONG = (3012, "no pong")
TOO_MANY_REQUESTS = (3013, "too many requests")
INVALID_TOKEN = (3500, "invalid token")
BAD_REQUEST = (3501, "bad request")
STALE = (3502, "stale")
FORCE_DISCONNECT = (3503, "force disconnect")
CONNECTION_LIMIT = (3504, "connection limit")
INAPPROPRIATE_PROTOCOL = (3506, "inappropriate protocol")
NOT_AVAILABLE = (3508, "not available")

#: Codes below 2500 end a subscription for good.
UNSUBSCRIBED_BY_SERVER = (2000, "server unsubscribe")
#: A client-side subscription that lost its place: the client subscribes again.
UNSUBSCRIBED_INSUFFICIENT = (2500, "insufficient state")
#: A client may ask to fail rather than to be told that nothing was recovered.
FLAG_REJECT_UNRECOVERED = 2


class Position(msgspec.Struct, frozen=True):
    """Where a client says it is in a topic's stream."""

    epoch: str = ""
    offset: int = 0
    recover: bool = False


class ConnectRequest(msgspec.Struct, frozen=True):
    """The first command. ``data.since`` is the position of the page that connects."""

    token: str = ""
    data: Any = None
    name: str = ""
    version: str = ""
    subs: dict[str, Position] = {}

    @property
    def positions(self) -> dict[str, Position]:
        """Where the client is, per topic: what the SDK recovers wins over what the page says."""
        recovering = {topic: at for topic, at in self.subs.items() if at.recover}
        return {**self._since(), **recovering}

    def _since(self) -> dict[str, Position]:
        since = self.data.get("since") if isinstance(self.data, dict) else None
        try:
            pages = msgspec.convert(since or {}, dict[str, Position])
        except msgspec.ValidationError:
            raise Disconnect(*BAD_REQUEST) from None
        return {t: Position(at.epoch, at.offset, recover=True) for t, at in pages.items()}


class SubscribeRequest(msgspec.Struct, frozen=True):
    """Ask to hear a topic, perhaps from a position on."""

    channel: str
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: int = 0
    flag: int = 0
    type: int = 0


class UnsubscribeRequest(msgspec.Struct, frozen=True):
    """Hear a topic no more."""

    channel: str


class RefreshRequest(msgspec.Struct, frozen=True):
    """A new token for a connection whose old one expires."""

    token: str


class Command(msgspec.Struct, frozen=True):
    """One command; exactly one request is set, or none: a pong."""

    id: int = 0
    connect: ConnectRequest | None = None
    subscribe: SubscribeRequest | None = None
    unsubscribe: UnsubscribeRequest | None = None
    refresh: RefreshRequest | None = None
    publish: Any = None
    presence: Any = None
    presence_stats: Any = None
    history: Any = None
    rpc: Any = None
    sub_refresh: Any = None
    send: Any = None

    @property
    def is_pong(self) -> bool:
        return self == _PONG


_PONG = Command()
_decode = msgspec.json.Decoder(Command).decode
_encode = msgspec.json.Encoder().encode
_MAX_OFFSET = (1 << 63) - 1


def parse(text: str) -> Iterator[Command]:
    """Read a message's commands one by one; a mistake is a Disconnect of 3501.

    Lazily, so that a mistake in the third command does not undo the first two.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) > MAX_COMMANDS:
        raise Disconnect(*BAD_REQUEST)
    for line in lines:
        yield _parse(line)


def _parse(line: str) -> Command:
    try:
        command = _decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        raise Disconnect(*BAD_REQUEST) from None  # "[[[[…" is valid JSON and a cheap attack
    if command.is_pong or (command.id == 0 and command.send is not None):
        return command
    if not 0 < command.id < 1 << 32 or not _positions_make_sense(command):
        raise Disconnect(*BAD_REQUEST)
    return command


def _positions_make_sense(command: Command) -> bool:
    places = [command.subscribe] if command.subscribe else []
    asked = [*places, *(command.connect.positions.values() if command.connect else ())]
    return all(0 <= at.offset <= _MAX_OFFSET and len(at.epoch) <= 64 for at in asked)


def publication(topic: str, data: bytes, offset: int = 0) -> bytes:
    """Encode what is pushed to every listener of a topic; ``data`` is JSON already."""
    # A topic's name holds no character that JSON would escape, so this is just text.
    place = b',"offset":%d' % offset if offset else b""
    return b'{"push":{"channel":"%s","pub":{"data":%s%s}}}' % (topic.encode(), data, place)


def tagged(pushed: bytes, committed: int, published: int, written: int) -> bytes:
    """Add to a publication when it was what: microseconds since 1970, told in milliseconds."""
    # Numbers as text: an SDK's tags are a map of strings to strings. An exponent in place of a
    # fraction, and pieces that are joined, save a quarter of what this costs every event.
    return b"".join(
        (
            pushed[:-3],
            b',"tags":{"c":"',
            _encode(committed),
            b'e-3","p":"',
            _encode(published),
            b'e-3","w":"',
            _encode(written),
            b'e-3"}}}}',
        )
    )


def error(command_id: int, mistake: ProtocolError) -> bytes:
    """Encode the answer to a command that failed."""
    return _encode({"id": command_id, "error": {"code": mistake.code, "message": mistake.message}})


def connected(
    command_id: int, client: str, ping_seconds: int, subs: dict[str, dict[str, Any]], ttl: int
) -> bytes:
    """Encode the connect reply; ``ttl`` in seconds is 0 for a connection without an end."""
    result = {
        "client": client,
        "version": VERSION,
        **({"expires": True, "ttl": ttl} if ttl else {}),
        "subs": subs,
        "ping": ping_seconds,
        "pong": True,
    }
    return _encode({"id": command_id, "connect": result})


def refreshed(command_id: int, client: str, ttl: int) -> bytes:
    """Encode the reply to a refresh."""
    result = {"client": client, "version": VERSION, "expires": True, "ttl": ttl}
    return _encode({"id": command_id, "refresh": result})


def subscribed(command_id: int, result: dict[str, Any]) -> bytes:
    """Encode the reply to a subscribe."""
    return _encode({"id": command_id, "subscribe": result})


def unsubscribed(command_id: int) -> bytes:
    """Encode the reply to an unsubscribe: an empty object, which SDKs read."""
    return b'{"id":%d,"unsubscribe":{}}' % command_id


def unsubscribe_push(topic: str, code: int, reason: str) -> bytes:
    """Encode that a client-side subscription has ended, and why."""
    return _encode({"push": {"channel": topic, "unsubscribe": {"code": code, "reason": reason}}})


def subscription(page: Page, asked: Position | None) -> dict[str, Any]:
    """Describe a subscription at its place, with what was missed if that is whole.

    Recovered, the offset is the one asked from (the SDK counts up by the publications);
    else it is the stream's head, without publications.
    """
    result: dict[str, Any] = {"recoverable": True, "positioned": True, "epoch": page.epoch}
    if asked is None:
        return {**result, "offset": page.head}
    result["was_recovering"] = True
    if not page.recovered:
        return {**result, "offset": page.head}
    publications = _publications(page.events)
    return {**result, "offset": asked.offset, "recovered": True, "publications": publications}


def _publications(events: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"data": msgspec.Raw(data.encode()), "offset": offset} for offset, data in events]

"""What a conversation wants done: effects, and the answers to them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.protocol import Position
from realtime.topics import Topic


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is connecting, proved; ``ttl`` in seconds is 0 where nothing expires."""

    user_id: str
    session_key: str = ""
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out who this is: by the token or, where there is none, by the session."""

    token: str


@dataclass(frozen=True, slots=True)
class Renew:
    """Read the new token of a connection whose old one expires."""

    token: str


@dataclass(frozen=True, slots=True)
class Ask:
    """May this user hear that topic?"""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Join:
    """Enter a topic, buffering, and read its place."""

    topic: Topic
    at: Position | None


@dataclass(frozen=True, slots=True)
class Release:
    """The topic's reply is out: what was buffered may follow, then live."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Leave:
    """Hear a topic no more."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Send:
    """Write one reply."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Close the socket, with a reason."""

    code: int
    reason: str


Effect = Authenticate | Renew | Ask | Join | Release | Leave | Send | End

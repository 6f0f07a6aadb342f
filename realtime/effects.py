"""What a conversation wants done: effects, and the answers to them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.history import Page
from realtime.protocol import Position
from realtime.topics import Topic


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is connecting; ``ttl`` in seconds is 0 where nothing expires.

    Of a session it holds what proves it again later: its key, the authentication backend it
    was begun with, and the hash that a new password changes.
    """

    user_id: str
    session_key: str = ""
    backend: str = ""
    session_hash: str = ""
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out who this claims to be: by the token or, where there is none, by the session."""

    token: str


@dataclass(frozen=True, slots=True)
class Prove:
    """Prove the claim, now that the place of the personal topic is read.

    In this order, whatever ends a session later is an event after that place.
    """

    topic: Topic
    at: Position | None
    page: Page


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


Effect = Authenticate | Prove | Renew | Ask | Join | Release | Leave | Send | End

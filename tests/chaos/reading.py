"""What the database held at the end of a run, as the file ``reader.json`` has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tests.chaos.records import UserKey

#: The platform's words, learnt from its documentation and not from its code.
FINAL_EVENTS = {"job.succeeded": "succeeded", "job.failed": "failed", "job.cancelled": "cancelled"}
FINAL_STATES = frozenset(FINAL_EVENTS.values())
SESSION_ENDED = "session.ended"


def topic_of(user: UserKey) -> str:
    """Name a user's own topic."""
    return f"user:{user}"


class Stream(msgspec.Struct, frozen=True):
    """A topic's row: events with ``floor < offset <= head`` are kept."""

    topic: str
    epoch: str
    head: int
    floor: int = 0


class LoggedEvent(msgspec.Struct, frozen=True):
    """An event's row; ``data`` is what clients are sent."""

    topic: str
    offset: int
    data: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.data.get("type"))

    @property
    def job(self) -> str | None:
        job = self.data.get("job")
        return str(job["id"]) if job else None

    @property
    def session(self) -> str:
        """The fingerprint of the session that has ended; empty for all of the user's."""
        return str(self.data.get("session", ""))


class JobRow(msgspec.Struct, frozen=True):
    """A job's row at the end."""

    id: str
    owner: UserKey
    kind: str
    state: str
    attempt: int
    arguments: dict[str, Any]
    result: Any = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


class Card(NamedTuple):
    """What a notification says, and what became of it."""

    title: str
    seen: bool
    read: bool
    archived: bool


class NotificationRow(msgspec.Struct, frozen=True):
    """A notification's row at the end."""

    id: str
    owner: UserKey
    title: str
    seen: bool
    read: bool
    archived: bool

    @property
    def card(self) -> Card:
        return Card(self.title, self.seen, self.read, self.archived)


class Reading(msgspec.Struct, frozen=True):
    """What was in the database at the end, in one snapshot: the file ``reader.json``."""

    streams: Sequence[Stream] = ()
    events: Sequence[LoggedEvent] = ()
    jobs: Sequence[JobRow] = ()
    notifications: Sequence[NotificationRow] = ()

"""The API of delivery: what a person missed, and the token that opens a socket."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from realtime import figures, log, tickets, tokens
from realtime.conf import limits
from realtime.history import MAX_REPLAY_EVENTS
from realtime.topics import Topic

router = Router(tags=["events"])

#: Offsets are 64 bits with a sign in both databases.
MAX_OFFSET = (1 << 63) - 1


class Position(Schema):
    """After which event of which history to go on."""

    model_config = ConfigDict(extra="ignore")

    epoch: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,16}$")
    after: int = Field(0, ge=0, le=MAX_OFFSET)
    limit: int = Field(100, ge=1, le=MAX_REPLAY_EVENTS)
    #: Acted on in front of Django, by ``realtime.http_events``; here for the API's description.
    wait: int | None = Field(None, ge=1, description="Wait so many seconds for an event.")


class EventOut(Schema):
    """An event at its place; ``data`` is what a socket is sent."""

    offset: int
    data: dict[str, Any]


class EventsOut(Schema):
    """Events after a position. ``recovered`` says that these are all up to ``offset``.

    When it is false and the epoch is the one asked for, go on after the last event; with
    another epoch or with a gap, reload.
    """

    epoch: str
    offset: int
    events: list[EventOut]
    recovered: bool


class PlaceOut(Schema):
    """A place in a topic's history; events after it are newer than the answer."""

    topic: str
    epoch: str
    offset: int


class PersonOut(Schema):
    """Who somebody is."""

    id: str
    username: str


class MeOut(Schema):
    """Me, and what a page shows of me at a glance."""

    user: PersonOut
    figures: dict[str, Any] = Field(description="`running_jobs`, `waiting_jobs` and others.")
    position: PlaceOut


class TicketOut(Schema):
    """What opens one socket: ``wss://…/connection/websocket?ticket=…``, soon."""

    ticket: str
    expires_in: int


class TokenOut(Schema):
    """A bearer token for the socket and for this API."""

    token: str


@router.get("/events", response=EventsOut, summary="Read my events after a position")
def events(request: HttpRequest, position: Query[Position]) -> dict[str, Any]:
    """Give the kept events of ``user:<me>`` that follow ``after`` in history ``epoch``.

    With ``wait`` the answer comes once there is one; with ``Accept: text/event-stream`` they are
    streamed as they happen.
    """
    topic = str(Topic.of_user(request.user.pk))
    page = log.read(topic, position.epoch, position.after, position.limit)
    return {
        "epoch": page.epoch,
        "offset": page.head,
        "events": [{"offset": offset, "data": json.loads(data)} for offset, data in page.events],
        "recovered": page.recovered,
    }


@router.get("/me", response=MeOut, summary="Tell who I am, and my figures")
def me(request: HttpRequest) -> dict[str, Any]:
    """Give my figures, with every event up to ``position``, to follow them live from there."""
    user, topic = request.user, str(Topic.of_user(request.user.pk))
    # Before the figures: what happens in between is told twice rather than never.
    epoch, offset = log.position(topic)
    return {
        "user": {"id": str(user.pk), "username": user.get_username()},
        "figures": figures.of(user.pk, since=(epoch, offset)),
        "position": {"topic": topic, "epoch": epoch, "offset": offset},
    }


@router.post("/token", response=TokenOut, summary="Make a token for the socket")
def token(request: HttpRequest) -> dict[str, str]:
    """Make a token that names me for an hour."""
    return {"token": tokens.make(request.user.pk)}


@router.post("/tickets", response=TicketOut, summary="Make a ticket that opens one socket")
def ticket(request: HttpRequest) -> dict[str, Any]:
    """Make a ticket of my session: good once, for ``expires_in`` seconds."""
    session_key = request.session.session_key
    if not session_key:
        raise HttpError(403, "A ticket is made in a session; your token opens sockets itself.")
    return {"ticket": tickets.make(session_key), "expires_in": limits().ticket_seconds}

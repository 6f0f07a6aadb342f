"""The API of the inbox: what a person was told, what they did with it, what they want."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, model_validator

from realtime import inbox, log, preferences
from realtime.api import PlaceOut
from realtime.inbox_rows import MAX_IDS
from realtime.notifications import MAX_KIND, MAX_NAME
from realtime.topics import Topic

router = Router(tags=["notifications"])

#: PostgreSQL takes no NUL, and no kind has a control character.
_PLAIN = r"^[^\x00-\x1f\x7f]*$"

MarkName = Literal["seen", "read", "unread", "archived", "unarchived"]


class Wanted(Schema):
    """Which notifications to list."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(30, ge=1, le=100)
    before: UUID | None = Field(None, description="The id of the last one that is known.")
    show: Literal["inbox", "unread", "archived"] = "inbox"
    kind: str = Field("", max_length=MAX_KIND, pattern=_PLAIN)


class ActionOut(Schema):
    """A link with what it does."""

    label: str
    link: str


class NotificationOut(Schema):
    """What a person was told, and what became of it."""

    id: str
    kind: str
    title: str
    body: str
    severity: str
    link: str
    actions: list[ActionOut]
    group: str
    key: str
    at: str
    seen: bool
    read: bool
    archived: bool


class CountsOut(Schema):
    """How many are unseen and unread; archived ones are neither."""

    unseen: int
    unread: int


class NotificationsOut(Schema):
    """Notifications, the newest first; events after ``position`` may be in them already."""

    notifications: list[NotificationOut]
    has_older: bool
    counts: CountsOut
    position: PlaceOut


class MarkIn(Schema):
    """What to mark, and as what: ``ids``, or ``all``."""

    model_config = ConfigDict(extra="forbid")

    as_: MarkName = Field(alias="as")
    ids: list[UUID] | None = Field(None, min_length=1, max_length=MAX_IDS)
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def names_one_of_them(self) -> MarkIn:
        if (self.ids is None) == (self.all is None):
            raise ValueError("give either ids or all")
        return self


class MarkedOut(Schema):
    """How many are left to see and to read."""

    counts: CountsOut


class KindOut(Schema):
    """A kind of notification, and by which ways I am told of it."""

    kind: str
    name: str
    in_app: bool
    email: bool


class MuteOut(Schema):
    """What I am told no more of."""

    key: str
    title: str


class PreferencesOut(Schema):
    """What I want to be told."""

    kinds: list[KindOut]
    mutes: list[MuteOut]


class PreferenceIn(Schema):
    """By which ways to tell me of a kind."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=MAX_KIND)
    in_app: bool
    email: bool


class MuteIn(Schema):
    """Whether to tell me of a key."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=MAX_NAME)
    muted: bool


@router.get("/notifications", response=NotificationsOut, summary="List my notifications")
def list_notifications(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Give my notifications, the newest first, to follow live from ``position``.

    404 if there is none called ``before`` any more: begin anew.
    """
    topic = str(Topic.of_user(request.user.pk))
    # Before the rows: what happens in between is told twice rather than never.
    epoch, offset = log.position(topic)
    rows, has_older = inbox.find(
        request.user,
        wanted.limit,
        show=wanted.show,
        kind=wanted.kind,
        before=wanted.before,
    )
    return {
        "notifications": [inbox.describe(row) for row in rows],
        "has_older": has_older,
        "counts": inbox.counts(request.user.pk),
        "position": {"topic": topic, "epoch": epoch, "offset": offset},
    }


@router.post("/notifications/mark", response=MarkedOut, summary="Mark my notifications")
def mark(request: HttpRequest, payload: MarkIn) -> dict[str, Any]:
    """Mark some of mine, or all: seen, read, unread, archived or unarchived.

    My other tabs and devices are told. What is gone, or not mine, is passed over.
    """
    if payload.ids is None:
        inbox.mark_all(request.user, payload.as_)
    else:
        inbox.mark(request.user, payload.as_, payload.ids)
    return {"counts": inbox.counts(request.user.pk)}


@router.get("/notifications/preferences", response=PreferencesOut, summary="Tell what I want")
def look_at_preferences(request: HttpRequest) -> dict[str, Any]:
    """Give the kinds of notifications, by which ways I am told of each, and what I muted."""
    return preferences.shown(request.user.pk)


@router.put("/notifications/preferences", response={204: None}, summary="Say what I want")
def choose(request: HttpRequest, payload: PreferenceIn) -> None:
    """Choose by which ways I am told of a kind; by none, I am not."""
    preferences.choose(request.user.pk, payload.kind, in_app=payload.in_app, email=payload.email)


@router.post("/notifications/mutes", response={204: None}, summary="Mute a key, or unmute it")
def mute(request: HttpRequest, payload: MuteIn) -> None:
    """Be told no more of what a notification's key names, or be told of it again."""
    change = preferences.mute if payload.muted else preferences.unmute
    change(request.user.pk, payload.key)

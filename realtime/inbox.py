"""The inbox: ``notify`` one person, mark what they were told, read it back.

What is kept, what is marked and what is gone are events of the person's own stream, in the order
in which the rows were written: all their tabs and devices end with the same list and badge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from asgiref.sync import sync_to_async
from django.db.models import Q

from realtime import figures, inbox_rows, metrics, moments, preferences
from realtime.conf import conf
from realtime.errors import InvalidMark, UnknownNotification
from realtime.ids import uuid7
from realtime.inbox_rows import MAX_IDS, Mark, counts, describe
from realtime.models import Notification
from realtime.notifications import MESSAGE, Content, Severity
from realtime.preferences import IN_APP
from realtime.publish import Write, batch, publish_late
from realtime.topics import Topic

__all__ = [
    "Mark",
    "Severity",
    "anotify",
    "counts",
    "describe",
    "mark",
    "mark_all",
    "notify",
]

#: How many one call of ``prune`` deletes at most.
MOST_PRUNED = 20_000
_SHOWN: Mapping[str, Q] = {
    "inbox": Q(archived_at=None),
    "unread": Q(archived_at=None, read_at=None),
    "archived": ~Q(archived_at=None),
}


def notify(  # noqa: PLR0913 (what a notification says, all by name)
    user: Any,
    title: str,
    *,
    body: str = "",
    kind: str = MESSAGE,
    severity: str = Severity.INFO,
    link: str = "",
    actions: Sequence[Mapping[str, str]] = (),
    group: str = "",
    key: str = "",
) -> UUID | None:
    """Tell a user something, in the caller's transaction or in one of its own; give its id.

    ``user`` is a user or a user's key; where there is none, nobody is told. None if they muted
    it, or want it in no way. A second one with the same ``key`` takes the place of the first, as
    a new one. InvalidNotification says what cannot be said: see ``realtime.notifications``.
    """
    said = Content(title, body, kind, severity, link, actions, group, key)
    user_id = _key_of(user)
    with batch():
        ways = preferences.ways(user_id, kind, key)
        metrics.notifications.labels("told" if ways else "unwanted").inc()
        if not ways:
            return None
        row = _draft(user_id, said)
        if IN_APP in ways:
            publish_late(Topic.of_user(user_id), partial(inbox_rows.put, row))
        for way in ways - {IN_APP}:
            preferences.send(way, describe(row), user_id)
    return row.id


async def anotify(user: Any, title: str, **said: Any) -> UUID | None:
    """Do as ``notify`` from async code, in a transaction of its own."""
    return await sync_to_async(notify)(user, title, **said)


def mark(user: Any, as_: str, ids: Sequence[UUID]) -> None:
    """Mark up to 100 of a user's notifications as seen, read, unread, archived or unarchived.

    What is so already, gone, or somebody else's is passed over. InvalidMark if there is no such
    mark, or too many are named.
    """
    if len(ids) > MAX_IDS:
        raise InvalidMark(f"At most {MAX_IDS} notifications are marked at once.")
    _write(user, partial(inbox_rows.mark, _key_of(user), _mark_of(as_), list(ids)))


def mark_all(user: Any, as_: str) -> None:
    """Mark all that a user has, archived or not, in one event."""
    _write(user, partial(inbox_rows.mark, _key_of(user), _mark_of(as_), None))


def withdraw(user: Any, keys: Sequence[str]) -> None:
    """Delete a user's notifications of these keys: what they tell of is gone."""
    _write(user, partial(inbox_rows.withdraw, _key_of(user), list(keys)))


def prune(now: datetime) -> int:
    """Delete what became new more than INBOX_KEEP_DAYS ago; return how many, at most 20,000.

    Each person's go in a transaction of their own, which tells them.
    """
    before, gone = now - timedelta(days=conf.INBOX_KEEP_DAYS), 0
    old = Notification.objects.filter(at__lt=before)
    while gone < MOST_PRUNED and (oldest := old.order_by("at").first()) is not None:
        gone += old.filter(user_id=oldest.user_id).count()
        _write(oldest.user_id, partial(inbox_rows.forget, oldest.user_id, before))
    return gone


def page(user: Any, limit: int = 30) -> dict[str, Any]:
    """Give what a page starts with: ``{"notifications": […], "counts": {…}, "hasOlder"}``.

    Read the position that the page follows its stream from before this.
    """
    rows, has_older = find(user, limit)
    return {
        "notifications": [describe(row) for row in rows],
        "counts": counts(_key_of(user)),
        "hasOlder": has_older,
    }


def find(
    user: Any,
    limit: int,
    *,
    show: str = "inbox",
    kind: str = "",
    before: UUID | None = None,
) -> tuple[list[Notification], bool]:
    """Find a user's notifications, the newest first, and tell whether there are older ones.

    ``show`` is inbox, unread or archived; ``before`` is the last that is known, else
    UnknownNotification.
    """
    mine = Notification.objects.filter(user_id=_key_of(user))
    rows = mine.filter(_SHOWN[show]).order_by("-at", "-pk")
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        last = mine.filter(pk=before).first()
        if last is None:
            raise UnknownNotification
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


def register() -> None:
    """Have these counts among everybody's figures."""
    figures.register("unseen", lambda user_id: counts(user_id)["unseen"])
    figures.register("unread", lambda user_id: counts(user_id)["unread"])


def _draft(user_id: Any, said: Content) -> Notification:
    # What a key names keeps its id, which so is known before its row can be looked at.
    of_key = uuid5(NAMESPACE_URL, f"bellwire:{user_id}:{said.key}")
    fields = {**asdict(said), "actions": [dict(action) for action in said.actions]}
    row_id = of_key if said.key else uuid7()
    return Notification(id=row_id, user_id=user_id, at=moments.now(), **fields)


def _write(user: Any, write: Write) -> None:
    with batch():
        publish_late(Topic.of_user(_key_of(user)), write)


def _mark_of(as_: str) -> Mark:
    try:
        return Mark(as_)
    except ValueError:
        raise InvalidMark(f"Notifications are marked as one of {', '.join(Mark)}.") from None


def _key_of(user: Any) -> Any:
    return getattr(user, "pk", user)

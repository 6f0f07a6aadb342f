"""An inbox's rows: how they are written, always under the lock of their person's stream.

Each write gives the events that tell of it, for ``publish_late``. The counts in an event are
those of its own place in the stream, and "all" is all up to there. Only ``realtime.inbox``
calls the writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from realtime import departure, metrics, moments
from realtime.models import Mute, Notification
from realtime.publish import Told

CREATED, CHANGED = "notification.created", "notification.changed"
MARKED, DELETED = "notification.marked", "notification.deleted"
#: How many ids an event carries, so that it fits into 8 KiB.
MAX_IDS = 100
#: How many notifications of one person are kept.
MAX_KEPT = 1_000

_COUNT = (
    f'SELECT COUNT(*) FROM "{Notification._meta.db_table}" '  # noqa: S608 (our own table's name)
    "WHERE user_id = %s AND archived_at IS NULL AND {} IS NULL"
)
_COUNTS = f"SELECT ({_COUNT.format('seen_at')}), ({_COUNT.format('read_at')})"


class Mark(StrEnum):
    """What a person may mark notifications as. What is archived counts as nothing else."""

    SEEN = "seen"  #: it was on the screen
    READ = "read"  #: it was dealt with, and so seen
    UNREAD = "unread"  #: it is still to be dealt with
    ARCHIVED = "archived"  #: it is out of the way
    UNARCHIVED = "unarchived"  #: it is back, as it was


#: Which notifications a mark changes: all others are so already.
_CHANGED_BY: Mapping[Mark, Q] = {
    Mark.SEEN: Q(seen_at=None),
    Mark.READ: Q(read_at=None),
    Mark.UNREAD: ~Q(read_at=None),
    Mark.ARCHIVED: Q(archived_at=None),
    Mark.UNARCHIVED: ~Q(archived_at=None),
}


def put(row: Notification) -> Iterator[Told]:
    """Add a notification, or let it take the place of the one that has its id, as a new one.

    Nobody is told of one whose person was deleted meanwhile.
    """
    row.at = moments.now()
    is_there = bool(row.key) and _replace(row)
    if not is_there:
        if departure.is_over(row.user_id):
            metrics.notifications.labels("nobody").inc()
            return
        row.save(force_insert=True)
    told = {"notification": describe(row), "counts": counts(row.user_id)}
    yield (CHANGED if is_there else CREATED), told
    if not is_there:
        yield from remove(row.user_id, _beyond(row.user_id))


def mark(user_id: Any, as_: Mark, ids: Sequence[UUID] | None) -> Iterator[Told]:
    """Mark some of a person's notifications, or all of them where ``ids`` is None."""
    rows = Notification.objects.filter(_CHANGED_BY[as_], user_id=user_id)
    if ids is None:
        if rows.update(**_changes(as_)):
            yield MARKED, {"as": as_, "all": True, "counts": counts(user_id)}
        return
    changed = list(rows.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if changed:
        Notification.objects.filter(pk__in=changed).update(**_changes(as_))
        yield MARKED, {"as": as_, "ids": changed, "counts": counts(user_id)}


def withdraw(user_id: Any, keys: Sequence[str]) -> Iterator[Told]:
    """Delete a person's notifications of these keys, and forget whether they are muted."""
    Mute.objects.filter(user_id=user_id, key__in=keys).delete()
    rows = Notification.objects.filter(user_id=user_id, key__in=keys)
    yield from remove(user_id, rows.exclude(key=""))


def forget(user_id: Any, before: datetime) -> Iterator[Told]:
    """Delete a person's notifications that became new before then."""
    yield from remove(user_id, Notification.objects.filter(user_id=user_id, at__lt=before))


def remove(user_id: Any, rows: QuerySet[Notification]) -> Iterator[Told]:
    """Delete these of a person's notifications."""
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), MAX_IDS):
        chunk = ids[start : start + MAX_IDS]
        Notification.objects.filter(pk__in=chunk).delete()
        yield DELETED, {"ids": chunk, "counts": counts(user_id)}


def counts(user_id: Any) -> dict[str, int]:
    """Count what a person has not seen, and not read: ``{"unseen", "unread"}``."""
    database = connections[DEFAULT_DB_ALIAS]
    key = Notification._meta.get_field("user").get_db_prep_value(user_id, database)
    with database.cursor() as cursor:
        cursor.execute(_COUNTS, [key, key])
        unseen, unread = cursor.fetchone()
    return {"unseen": unseen, "unread": unread}


def describe(row: Notification) -> dict[str, Any]:
    """Give a notification as JSON; ``at`` is ISO 8601 in UTC, what became of it are booleans."""
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "title": row.title,
        "body": row.body,
        "severity": str(row.severity),
        "link": row.link,
        "actions": row.actions,
        "group": row.group,
        "key": row.key,
        "at": moments.spell(row.at),
        "seen": row.seen_at is not None,
        "read": row.read_at is not None,
        "archived": row.archived_at is not None,
    }


def _replace(row: Notification) -> bool:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    del fields["id"]
    return bool(Notification.objects.filter(pk=row.pk).update(**fields))


def _changes(mark: Mark) -> dict[str, Any]:
    now = moments.now()
    match mark:
        case Mark.SEEN:
            return {"seen_at": now}
        case Mark.READ:
            seen_at = Coalesce(F("seen_at"), Value(now, DateTimeField()))
            return {"read_at": now, "seen_at": seen_at}
        case Mark.UNREAD:
            return {"read_at": None}
        case Mark.ARCHIVED:
            return {"archived_at": now}
        case Mark.UNARCHIVED:
            return {"archived_at": None}


def _beyond(user_id: Any) -> QuerySet[Notification]:
    """Give the oldest, of which there are more than are kept."""
    rows = Notification.objects.filter(user_id=user_id).order_by("-at", "-pk")
    return rows[MAX_KEPT : MAX_KEPT + MAX_IDS]

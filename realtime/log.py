"""The durable log: topics' streams of events, gapless, in commit order.

``append_many`` takes a stream's next offsets under the stream row's lock, inside the
caller's transaction: commit order is offset order, and a rollback leaves no gap. A
position is ``(epoch, offset)``; ``read`` answers it with all that was missed, or says no.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from realtime.errors import NoTransaction
from realtime.history import MAX_REPLAY_EVENTS, Entry, Page, is_whole

_TAKE = "UPDATE realtime_stream SET head = head + %s WHERE topic = %s RETURNING id, epoch, head"
_MAKE = (
    "INSERT INTO realtime_stream (topic, epoch, head, floor) VALUES (%s, %s, 0, 0) "
    "ON CONFLICT (topic) DO NOTHING"
)
_KEEP = 'INSERT INTO realtime_event (stream_id, "offset", data, created_at) VALUES '
_READ = (
    'SELECT s.epoch, s.head, s.floor, e."offset", e.data FROM realtime_stream s '
    'LEFT JOIN realtime_event e ON e.stream_id = s.id AND e."offset" > %s '
    'WHERE s.topic = %s ORDER BY e."offset" LIMIT %s'
)
_BEYOND = (1 << 63) - 1


def append_many(events: Iterable[tuple[str, str]]) -> list[Entry]:
    """Append ``(topic, data)`` pairs and return them at their places, sorted by topic.

    Stream rows are locked in the order of their topics, so that two transactions which
    append to each other's topics never wait in a circle. Outside a transaction this is
    NoTransaction.
    """
    if not connection.in_atomic_block:
        raise NoTransaction
    entries: list[Entry] = []
    for topic, group in groupby(sorted(events, key=_by_topic), key=_by_topic):
        entries += _append(topic, [data for _, data in group])
    return entries


def lock(topics: Iterable[str]) -> None:
    """Lock the streams of topics until the transaction ends, in their order; makes what is not.

    What is read after this is all that was written by those who held these locks before.
    Outside a transaction this is NoTransaction.
    """
    if not connection.in_atomic_block:
        raise NoTransaction
    for topic in sorted(set(topics)):
        _take(topic, 0)


def read(topic: str, epoch: str = "", after: int | None = None, limit: int = 0) -> Page:
    """Read a topic's position and what follows ``after``, in one statement.

    An empty ``epoch`` matches any. ``after=None`` asks for the position alone. A limit
    below the number missed gives ``recovered=False`` with the first of them, for paging.
    """
    most = min(limit, MAX_REPLAY_EVENTS) if limit > 0 else MAX_REPLAY_EVENTS
    rows = _query(_READ, [_BEYOND if after is None else min(after, _BEYOND), topic, most])
    if not rows:
        _run(_MAKE, [topic, new_epoch()])
        return read(topic, epoch, after, limit)
    current, head, floor = rows[0][:3]
    events = [(row[3], row[4]) for row in rows if row[3] is not None]
    if after is None or (epoch and epoch != current):
        return Page(current, head, floor, [], recovered=False)
    return Page(current, head, floor, events, is_whole(events, after, head))


def position(topic: str) -> tuple[str, int]:
    """Read a topic's ``(epoch, offset)``: take it before reading the state it stands for."""
    page = read(topic)
    return page.epoch, page.head


def heads(topics: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Read the positions of many topics in one query; a topic without a stream is absent."""
    if not topics:
        return {}
    marks = ", ".join(["%s"] * len(topics))
    rows = _query(
        f"SELECT topic, epoch, head FROM realtime_stream WHERE topic IN ({marks})",  # noqa: S608
        list(topics),
    )
    return {topic: (epoch, head) for topic, epoch, head in rows}


def prune(keep_events: int, keep_for: timedelta) -> int:
    """Forget events beyond a stream's newest ``keep_events`` or older than ``keep_for``.

    Returns how many streams were cut. Each is cut in its own short transaction, which moves
    the floor first: a client below it is told to reload.
    """
    old = _query(
        'SELECT stream_id, MAX("offset") FROM realtime_event WHERE created_at < %s '
        "GROUP BY stream_id",
        [_stored(timezone.now() - keep_for)],
    )
    long = _query(
        "SELECT id, head - %s FROM realtime_stream WHERE head - floor > %s",
        [keep_events, keep_events],
    )
    floors: dict[int, int] = {}
    for stream, floor in (*old, *long):
        floors[stream] = max(floor, floors.get(stream, 0))
    for stream, floor in floors.items():
        _cut(stream, floor)
    return len(floors)


def bump_epoch() -> int:
    """Begin a new history everywhere, after a restore: every client reloads."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE realtime_stream SET epoch = %s", [new_epoch()])
        return int(cursor.rowcount)


def new_epoch() -> str:
    """Make the random name of a history."""
    return secrets.token_hex(4)


def _append(topic: str, texts: list[str]) -> list[Entry]:
    stream, epoch, head = _take(topic, len(texts))
    entries = [
        Entry(topic, epoch, offset, text)
        for offset, text in enumerate(texts, start=head - len(texts) + 1)
    ]
    now = _stored(timezone.now())
    values = [value for e in entries for value in (stream, e.offset, e.data, now)]
    _run(_KEEP + ", ".join(["(%s, %s, %s, %s)"] * len(entries)), values)
    return entries


def _take(topic: str, count: int) -> tuple[Any, ...]:
    """Lock a stream and take its next offsets; give its id, its epoch and its new head."""
    taken = _query(_TAKE, [count, topic])
    if not taken:
        _run(_MAKE, [topic, new_epoch()])
        taken = _query(_TAKE, [count, topic])
    return taken[0]


def _cut(stream: int, floor: int) -> None:
    with transaction.atomic():
        _run(
            "UPDATE realtime_stream SET floor = %s WHERE id = %s AND floor < %s",
            [floor, stream, floor],
        )
        _run('DELETE FROM realtime_event WHERE stream_id = %s AND "offset" <= %s', [stream, floor])


def _by_topic(event: tuple[str, str]) -> str:
    return event[0]


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _query(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _run(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)

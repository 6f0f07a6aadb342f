"""Bugs of what is written down: the log's places, and when it is told of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from realtime import log, publish, revocation
from realtime.history import Entry, is_whole
from realtime.topics import Topic

_PLACE = (
    'SELECT s.id, s.epoch, COALESCE(MAX(e."offset"), 0) FROM realtime_stream s '
    "LEFT JOIN realtime_event e ON e.stream_id = s.id WHERE s.topic = %s GROUP BY s.id, s.epoch"
)
_KEEP = (
    'INSERT INTO realtime_event (stream_id, "offset", data, created_at) VALUES (%s, %s, %s, %s) '
    "ON CONFLICT DO NOTHING"
)
_HEAD = "UPDATE realtime_stream SET head = %s WHERE id = %s AND head < %s"
#: What is truncated keeps so many events, so that short runs meet the limit.
_FEW = 3


def publish_before_commit() -> None:
    """Tell of an event while its transaction may still be rolled back."""

    def append(events: Any) -> None:
        events.sort(key=lambda event: event[0])
        entries = log.append_many((topic, data) for topic, data, _ in events)
        publish.tell(
            [publish._hint(entry, end) for entry, (*_, end) in zip(entries, events, strict=True)]
        )

    publish._append = append


def offset_by_max() -> None:
    """Take the highest offset there is and one, without a lock; who comes second is not kept."""

    def append(topic: str, texts: list[str]) -> list[Entry]:
        found = log._query(_PLACE, [topic])
        if not found:
            log._run(log._MAKE, [topic, log.new_epoch()])
            found = log._query(_PLACE, [topic])
        stream, epoch, head = found[0]
        time.sleep(0.01)  # as long as a real one may take between its two statements
        entries = [Entry(topic, epoch, head + n, text) for n, text in enumerate(texts, start=1)]
        for entry in entries:
            log._run(_KEEP, [stream, entry.offset, entry.data, log._stored(timezone.now())])
        last = entries[-1].offset
        log._run(_HEAD, [last, stream, last])
        return entries

    log._append = append


def silent_replay_limit() -> None:
    """Give the newest few of what was missed, and say that it is all."""
    read = log.read

    def truncating(topic: str, epoch: str = "", after: int | None = None, limit: int = 0) -> Any:
        page = read(topic, epoch, after, limit)
        events: Sequence[tuple[int, str]] = page.events[-_FEW:]
        return log.Page(page.epoch, page.head, page.floor, events, page.recovered)

    assert is_whole([], 0, 0)
    log.read = truncating


def replay_with_the_last_seen() -> None:
    """Begin a replay with the event that the client has seen last."""
    read = log.read

    def too_early(topic: str, epoch: str = "", after: int | None = None, limit: int = 0) -> Any:
        return read(topic, epoch, max(0, after - 1) if after else after, limit)

    log.read = too_early


def replay_backwards() -> None:
    """Give what was missed with the newest first."""
    read = log.read

    def backwards(topic: str, epoch: str = "", after: int | None = None, limit: int = 0) -> Any:
        page = read(topic, epoch, after, limit)
        return replace(page, events=page.events[::-1])

    log.read = backwards


def revocation_by_hint_only() -> None:
    """Tell of a session's end by a message that is not kept."""

    def end_sessions(user_id: object, reason: str, session_key: str = "") -> None:
        session = revocation.fingerprint(session_key) if session_key else ""
        publish.update(
            Topic.of_user(user_id), "session.ended", key=session, attempt=1, n=1, reason=reason
        )

    revocation.end_sessions = end_sessions

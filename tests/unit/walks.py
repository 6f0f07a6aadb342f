"""Moments in a few letters, and one slot after the other."""

from __future__ import annotations

from datetime import UTC, datetime

from tasks.slots import Slots


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walk(slots: Slots, moment: datetime):
    while (moment := slots.next_after(moment)) is not None:
        yield moment

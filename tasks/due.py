"""Which slots of a schedule are to run now, and which are missed. Pure.

A slot is *missed* if no beat was there when it was due, or if it is older than ``GRACE``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from tasks.slots import Slots

#: A slot that is so late was missed, although a beat was there: its database was away, perhaps.
#: What is skipped when missed still runs within it, so that a restart of beat skips nothing.
GRACE = timedelta(seconds=60)
#: What was due before this beat began is left to those that were there, for so long.
HOLD = timedelta(seconds=5)


class Missed(StrEnum):
    """What becomes of missed slots."""

    ONCE = "once"  #: the last of them runs, late
    SKIP = "skip"  #: none of them runs


@dataclass(frozen=True, slots=True)
class Due:
    """What to do now: run these slots, and forget all up to ``skipped``."""

    run: tuple[datetime, ...] = ()
    skipped: datetime | None = None


def due(slots: Slots, since: datetime, now: datetime, began: datetime, missed: Missed) -> Due:
    """Tell what to do at ``now`` about the slots after ``since``, for a beat that ``began`` then.

    Slots that were due under a beat's eyes run each. Of the missed ones the last one runs, if
    so declared or if it is not older than ``GRACE``.
    """
    first = slots.next_after(since)
    if first is None or first > now or (first <= began and now < began + HOLD):
        return Due()
    border = max(since, min(now, max(began, now - GRACE)))
    current = tuple(_until(slots, border, now))
    last = slots.last_until(border) if first <= border else None
    if last is None:
        return Due(current)
    if missed is Missed.ONCE or last > now - GRACE:
        return Due((last, *current))
    return Due(current, skipped=last)


def upcoming(slots: Slots, moment: datetime, count: int) -> list[datetime]:
    """Give the next slots after a moment, ``count`` of them or as many as there are."""
    return list(islice(_after(slots, moment), count))


def _until(slots: Slots, moment: datetime, end: datetime) -> Iterator[datetime]:
    for slot in _after(slots, moment):
        if slot > end:
            return
        yield slot


def _after(slots: Slots, moment: datetime) -> Iterator[datetime]:
    while (found := slots.next_after(moment)) is not None:
        yield found
        moment = found

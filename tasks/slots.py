"""Slots: the moments at which a schedule is due, each of them one moment for everybody. Pure.

All moments are aware; what is given back is in UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Protocol

#: The longest that a day of the calendar lets one wait: a 29 February that is a certain day of
#: the week, over a century without one.
HORIZON_DAYS = 41 * 366
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_LONGEST = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))


class Slots(Protocol):
    """When something is due."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Give the first slot that is later than ``moment``; None if there is none any more."""

    def last_until(self, moment: datetime) -> datetime | None:
        """Give the last slot that is not later than ``moment``; None if there was none yet."""


#: In what a period is told, where it is a whole number of them.
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}


@dataclass(frozen=True)
class Every:
    """Every so many seconds, at least one, counted from ``start``, which is the first slot.

    Without a ``start`` from 1970-01-01 00:00 UTC, for ever. The grid is fixed, so that any
    two processes agree on the slots without asking each other.
    """

    seconds: float
    start: datetime | None = None

    def __post_init__(self) -> None:
        if not self.seconds >= 1:
            raise ValueError("A schedule is due once a second at most.")

    def next_after(self, moment: datetime) -> datetime | None:
        if self.start is not None and moment < self.start:
            return self.start.astimezone(UTC)
        return self._at(moment) + self._period

    def last_until(self, moment: datetime) -> datetime | None:
        return None if self.start is not None and moment < self.start else self._at(moment)

    def __str__(self) -> str:
        for unit, seconds in _UNITS.items():
            if self.seconds % seconds == 0:
                count = int(self.seconds // seconds)
                return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        return f"every {self.seconds:g} s"

    @property
    def _period(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def _at(self, moment: datetime) -> datetime:
        origin = (self.start or _EPOCH).astimezone(UTC)
        # Whole microseconds: a float's rounding would give two beats two different slots.
        return origin + (moment - origin) // self._period * self._period


@dataclass(frozen=True)
class Once:
    """A single moment."""

    at: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        return self.at.astimezone(UTC) if moment < self.at else None

    def last_until(self, moment: datetime) -> datetime | None:
        return None if moment < self.at else self.at.astimezone(UTC)

    def __str__(self) -> str:
        return f"once, {self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class Between:
    """The slots of another that are not before ``start`` and not after ``end``."""

    slots: Slots
    start: datetime | None = None
    end: datetime | None = None

    def next_after(self, moment: datetime) -> datetime | None:
        if self.start is not None:
            moment = max(moment, self.start - timedelta.resolution)
        found = self.slots.next_after(moment)
        return None if found is None or (self.end and found > self.end) else found

    def last_until(self, moment: datetime) -> datetime | None:
        found = self.slots.last_until(min(moment, self.end) if self.end else moment)
        return None if found is None or (self.start and found < self.start) else found

    def __str__(self) -> str:
        return str(self.slots)


@dataclass(frozen=True)
class Cron:
    """The minutes that fit all five sets, by the clock of a time zone.

    Days are those that fit both the day of the week (0 is Sunday) and the day of the month, as
    Celery has it; cron(8) takes either. Where the clock is changed, it is as in cron(8) of
    Vixie: with set hours a time that is skipped is due right after the change, and one that
    comes twice is due the first time; with every hour of the day real time counts, so that
    both passes run and what is skipped is not due. (Vixie's cron also takes ``*`` in the
    minutes and ``*/2`` for real time; here they are sets like any other.)
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_week: frozenset[int]
    days_of_month: frozenset[int]
    months: frozenset[int]
    tz: tzinfo
    text: str = field(default="", compare=False)

    def next_after(self, moment: datetime) -> datetime | None:
        for day in self._days(moment, 1):
            if any(slot > moment for slot in _of_day(self, day)[-1:]):
                # A clock that goes back over midnight puts the next day's first before the last.
                slots = sorted(_of_day(self, day) + _of_day(self, day + _DAY))
                return slots[bisect_right(slots, moment)]
        return None

    def last_until(self, moment: datetime) -> datetime | None:
        for day in self._days(moment, -1):
            if any(slot <= moment for slot in _of_day(self, day)[:1]):
                slots = sorted(_of_day(self, day) + _of_day(self, day - _DAY))
                return slots[bisect_right(slots, moment) - 1]
        return None

    def has(self, day: date) -> bool:
        """Tell whether there are slots on a day of the calendar."""
        return (
            day.month in self.months
            and day.day in self.days_of_month
            and day.isoweekday() % 7 in self.days_of_week
        )

    def __str__(self) -> str:
        return f"{self.text} ({self.tz})"

    def _days(self, moment: datetime, step: int) -> Iterator[date]:
        """Give the days that fit, from the other side of ``moment``'s own in a direction."""
        first_of_month = min(self.days_of_month)
        possible = any(first_of_month <= _LONGEST[month] for month in self.months)
        first = moment.astimezone(self.tz).date() - step * _DAY
        for number in range(HORIZON_DAYS if possible else 0):
            day = first + number * step * _DAY
            if self.has(day):
                yield day


@lru_cache(maxsize=256)
def _of_day(cron: Cron, day: date) -> tuple[datetime, ...]:
    """Give the slots of one day, in order; none if it has none, or was left out."""
    if not cron.has(day):
        return ()
    is_real_time = len(cron.hours) == 24
    slots: set[datetime] = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            local = datetime.combine(day, time(hour, minute), cron.tz)
            passes = _passes(local)
            slots |= passes if is_real_time else {min(passes, default=None) or _after_gap(local)}
    return tuple(sorted(slots))


def _passes(local: datetime) -> set[datetime]:
    """Give the moments at which the clock shows this time: one, or two, or none."""
    moments = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {moment for moment in moments if _shown(moment, local.tzinfo) == _shown(local)}


def _shown(moment: datetime, tz: tzinfo | None = None) -> datetime:
    """Give what a clock shows then, without saying where."""
    return (moment if tz is None else moment.astimezone(tz)).replace(tzinfo=None)


def _after_gap(local: datetime) -> datetime:
    """Give the moment at which the clock leapt over this time, to the second."""
    # PEP 495: of a time that is skipped, fold=1 lies before the leap and fold=0 after it.
    before, after = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = before.astimezone(local.tzinfo).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after

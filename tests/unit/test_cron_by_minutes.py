"""A cron line's slots against a simpler way to find them: look at every minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.slots import Cron
from tests.unit.walks import utc, walk

CHANGES = (
    *(("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25")),
    *(("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01")),
    *(("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04")),
    *(("Africa/Cairo", "2026-04-24"), ("Africa/Cairo", "2026-10-30")),
    *(("America/St_Johns", "2010-11-07"), ("UTC", "2026-12-31")),
)
MINUTE = timedelta(minutes=1)


def subset(low: int, high: int, size: int):
    return st.frozensets(st.integers(low, high), min_size=1, max_size=size)


@settings(deadline=None)  # a busy machine takes long over the first example
@given(
    slots=st.builds(
        Cron,
        minutes=subset(0, 59, 4),
        hours=st.one_of(st.just(frozenset(range(24))), subset(0, 4, 3), subset(0, 23, 23)),
        days_of_week=st.one_of(st.just(frozenset(range(7))), subset(0, 6, 6)),
        days_of_month=st.just(frozenset(range(1, 32))),
        months=st.just(frozenset(range(1, 13))),
        tz=st.just(UTC),
    ),
    change=st.sampled_from(CHANGES),
    hours_before=st.integers(0, 30),
)
def test_slots_are_those_that_a_walk_through_the_minutes_finds(slots, change, hours_before):
    zone, around = change
    slots = replace(slots, tz=ZoneInfo(zone))
    begin = utc(around) - timedelta(hours=hours_before)
    end = begin + timedelta(hours=48)

    naive = [begin + n * MINUTE for n in range(1, 48 * 60) if is_due(slots, begin + n * MINUTE)]

    found = []
    for slot in walk(slots, begin):
        if slot >= end:
            break
        found.append(slot)
    assert found == naive
    assert all(slots.last_until(slot) == slot for slot in found)
    assert all(slots.last_until(later - MINUTE) == slot for slot, later in pairwise(found))


def is_due(slots: Cron, moment: datetime) -> bool:
    """Tell, by the wall clock of this minute and of the one before, whether it is a slot."""
    now, before = shown(slots, moment), shown(slots, moment - MINUTE)
    if len(slots.hours) == 24:
        return fits(slots, now)
    if moment.astimezone(slots.tz).fold:  # the clock shows this for the second time
        return False
    skipped = range(1, int((now - before) / MINUTE))
    return fits(slots, now) or any(fits(slots, before + n * MINUTE) for n in skipped)


def shown(slots: Cron, moment: datetime) -> datetime:
    return moment.astimezone(slots.tz).replace(tzinfo=None)


def fits(slots: Cron, clock: datetime) -> bool:
    return slots.has(clock.date()) and clock.hour in slots.hours and clock.minute in slots.minutes

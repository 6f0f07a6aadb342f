"""Intervals, single moments, and schedules that begin and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.schedule import cron
from tasks.slots import Between, Every, Once
from tests.unit.walks import utc, walk


def test_an_interval_has_a_fixed_grid():
    assert Every(3600).next_after(utc("2026-01-01 10:20")) == utc("2026-01-01 11:00")
    assert Every(3600).next_after(utc("2026-01-01 11:00")) == utc("2026-01-01 12:00")
    assert Every(3600).last_until(utc("2026-01-01 11:00")) == utc("2026-01-01 11:00")


def test_an_intervals_first_slot_is_its_start():
    slots = Every(86_400, utc("2026-01-01 10:20"))

    assert slots.next_after(utc("2020-01-01")) == utc("2026-01-01 10:20")
    assert slots.last_until(utc("2026-01-01 10:19")) is None
    assert slots.next_after(utc("2026-01-01 10:20")) == utc("2026-01-02 10:20")


@pytest.mark.parametrize("seconds", [0, -1, 0.5, float("nan")])
def test_an_interval_is_a_second_at_least(seconds):
    with pytest.raises(ValueError, match="once a second at most"):
        Every(seconds)


@given(
    seconds=st.floats(1, 1e7),
    moment=st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)
def test_two_beats_agree_on_an_intervals_slots(seconds, moment):
    slots = Every(seconds)

    slot = slots.next_after(moment)

    assert slots.last_until(slot) == slot
    assert slots.last_until(moment) <= moment < slot
    assert slots.next_after(slots.last_until(moment)) == slot
    assert slots.last_until(slot - timedelta.resolution) == slots.last_until(moment)


def test_a_single_moment_is_due_once():
    slots = Once(datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")))

    assert list(walk(slots, utc("2026-01-01"))) == [utc("2026-07-01 10:00")]
    assert slots.last_until(utc("2026-07-01 09:59")) is None
    assert slots.last_until(utc("2027-01-01")) == utc("2026-07-01 10:00")


def test_a_schedule_has_a_beginning_and_an_end():
    slots = Between(cron("0 0 * * *"), utc("2026-01-02"), utc("2026-01-04 12:00"))

    assert list(walk(slots, utc("2020-01-01"))) == [utc(f"2026-01-0{day}") for day in (2, 3, 4)]
    assert slots.last_until(utc("2026-01-01 12:00")) is None
    assert slots.last_until(utc("2030-01-01")) == utc("2026-01-04")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "every 1 s"),
        (1.5, "every 1.5 s"),
        (60, "every minute"),
        (90, "every 90 s"),
        (300, "every 5 minutes"),
        (3_600, "every hour"),
        (5_400, "every 90 minutes"),
        (86_400, "every day"),
        (14 * 86_400, "every 14 days"),
    ],
)
def test_a_period_is_told_in_the_largest_unit_of_which_it_is_whole(
    seconds: float, said: str
) -> None:
    assert str(Every(seconds)) == said

"""When a cron line is due: by the clock of its zone, which may leap."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from tasks.schedule import cron
from tests.unit.walks import utc, walk


@pytest.mark.parametrize(
    ("fields", "zone", "after", "expected"),
    [
        pytest.param(
            *("30 2 * * *", "Europe/Berlin", "2026-03-28 03:00"),
            ["03-29 03:00 +0200", "03-30 02:30 +0200"],
            id="Berlin in spring: half past two is skipped, and due right after",
        ),
        pytest.param(
            *("0,15,30,45 2,3 * * *", "Europe/Berlin", "2026-03-28 04:00"),
            ["03-29 03:00 +0200", "03-29 03:15 +0200", "03-29 03:30 +0200"],
            id="Berlin in spring: all that is skipped is due once",
        ),
        pytest.param(
            *("30 * * * *", "Europe/Berlin", "2026-03-29 00:45"),
            ["03-29 01:30 +0100", "03-29 03:30 +0200"],
            id="Berlin in spring: with every hour the clock goes on after an hour",
        ),
        pytest.param(
            *("30 2 * * *", "Europe/Berlin", "2026-10-24 03:00"),
            ["10-25 02:30 +0200", "10-26 02:30 +0100"],
            id="Berlin in autumn: half past two comes twice, and is due the first time",
        ),
        pytest.param(
            *("30 * * * *", "Europe/Berlin", "2026-10-25 01:45"),
            ["10-25 02:30 +0200", "10-25 02:30 +0100", "10-25 03:30 +0100"],
            id="Berlin in autumn: with every hour both passes are due",
        ),
        pytest.param(
            *("30 0-23 * * *", "Europe/Berlin", "2026-10-25 01:45"),
            ["10-25 02:30 +0200", "10-25 02:30 +0100"],
            id="Berlin in autumn: all hours by number are every hour",
        ),
        pytest.param(
            *("30 */2 * * *", "Europe/Berlin", "2026-10-25 01:45"),
            ["10-25 02:30 +0200", "10-25 04:30 +0100"],
            id="Berlin in autumn: every other hour is a set of hours",
        ),
        pytest.param(
            *("0 2 * * *", "America/New_York", "2026-03-07 03:00"),
            ["03-08 03:00 -0400", "03-09 02:00 -0400"],
            id="New York in spring",
        ),
        pytest.param(
            *("30 1 * * *", "America/New_York", "2026-10-31 02:00"),
            ["11-01 01:30 -0400", "11-02 01:30 -0500"],
            id="New York in autumn",
        ),
        pytest.param(
            *("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 03:00"),
            ["10-04 02:30 +1100", "10-05 02:15 +1100"],
            id="Lord Howe in spring: the leap is half an hour",
        ),
        pytest.param(
            *("45 1 * * *", "Australia/Lord_Howe", "2026-04-04 02:00"),
            ["04-05 01:45 +1100", "04-06 01:45 +1030"],
            id="Lord Howe in autumn: half an hour comes twice",
        ),
        pytest.param(
            *("45 * * * *", "Australia/Lord_Howe", "2026-04-05 01:00"),
            ["04-05 01:45 +1100", "04-05 01:45 +1030", "04-05 02:45 +1030"],
            id="Lord Howe in autumn: with every hour both, half an hour apart",
        ),
        pytest.param(
            *("30 0 * * *", "Africa/Cairo", "2026-04-23 01:00"),
            ["04-24 01:00 +0300", "04-25 00:30 +0300"],
            id="Cairo in spring: the leap is at midnight",
        ),
        pytest.param(
            *("0 12 30 12 *", "Pacific/Apia", "2011-12-01 00:00"),
            ["12-31 00:00 +1400", "12-30 12:00 +1400"],
            id="Samoa left a whole day out",
        ),
        pytest.param(
            *("0 */1 * * *", "Pacific/Apia", "2011-12-29 22:30"),
            ["12-29 23:00 -1000", "12-31 00:00 +1400", "12-31 01:00 +1400"],
            id="Samoa with every hour",
        ),
        pytest.param(
            *("30 23 * * *", "America/St_Johns", "2010-11-06 12:00"),
            ["11-06 23:30 -0230", "11-07 23:30 -0330"],
            id="Newfoundland's clock once went back over midnight",
        ),
        pytest.param(
            *("0,30 * * * *", "America/St_Johns", "2010-11-06 23:15"),
            ["11-06 23:30 -0230", "11-07 00:00 -0230", "11-06 23:30 -0330", "11-07 00:00 -0330"],
            id="Newfoundland with every hour: a day begins, the old one comes again",
        ),
        pytest.param(
            *("0 0 31 * *", "UTC", "2026-01-31 00:00"),
            ["03-31 00:00 +0000", "05-31 00:00 +0000", "07-31 00:00 +0000"],
            id="the 31st of those months that have one",
        ),
        pytest.param(
            *("0 0 13 * fri", "UTC", "2026-01-01 00:00"),
            ["02-13 00:00 +0000", "03-13 00:00 +0000", "11-13 00:00 +0000"],
            id="day of the month and day of the week: both must fit",
        ),
        pytest.param(
            *("0 0 * * 7", "UTC", "2026-01-01 00:00"),
            ["01-04 00:00 +0000", "01-11 00:00 +0000"],
            id="Sunday is 7",
        ),
        pytest.param(
            *("0 0 * * 5-7", "UTC", "2026-01-01 00:00"),
            ["01-02 00:00 +0000", "01-03 00:00 +0000", "01-04 00:00 +0000", "01-09 00:00 +0000"],
            id="a range up to Sunday",
        ),
    ],
)
def test_a_cron_line_is_due_by_the_clock_of_its_zone(fields, zone, after, expected):
    slots = cron(fields, zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=slots.tz)

    found = list(islice(walk(slots, moment), len(expected)))

    assert [f"{slot.astimezone(slots.tz):%m-%d %H:%M %z}" for slot in found] == expected
    for earlier, later in pairwise(found):
        assert slots.last_until(later) == later
        assert slots.last_until(later - timedelta.resolution) == earlier


def test_the_leap_days_are_those_of_leap_years():
    leaps = islice(walk(cron("0 3 29 2 *"), utc("2026-01-01")), 2)

    assert [slot.date() for slot in leaps] == [date(2028, 2, 29), date(2032, 2, 29)]


def test_a_day_that_is_forty_years_away_is_found():
    slots = cron("0 0 29 2 sun")  # 2100 has none

    assert slots.next_after(utc("2088-03-01")) == utc("2128-02-29")
    assert slots.last_until(utc("2128-02-28")) == utc("2088-02-29")


@pytest.mark.parametrize("fields", ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "* * 31 6 mon"])
def test_a_day_that_no_month_has_is_never_due(fields):
    slots = cron(fields, "Europe/Berlin")

    assert slots.next_after(utc("2026-01-01")) is None
    assert slots.last_until(utc("2026-01-01")) is None


@pytest.mark.parametrize(
    ("fields", "zone", "sentence"),
    [
        pytest.param("* * * *", "UTC", "five fields, not 4", id="four fields"),
        pytest.param("60 * * * *", "UTC", "minute '60'", id="no such minute"),
        pytest.param("* 24 * * *", "UTC", "hour '24'", id="no such hour"),
        pytest.param("* * 0 * *", "UTC", "day of the month '0'", id="no such day"),
        pytest.param("* * * 13 *", "UTC", "month '13'", id="no such month"),
        pytest.param("* * * * 8", "UTC", "day of the week '8'", id="no such weekday"),
        pytest.param("*/0 * * * *", "UTC", r"minute '\*/0'", id="no step"),
        pytest.param("1,, * * * *", "UTC", "minute '1,,'", id="nothing between commas"),
        pytest.param("soon * * * *", "UTC", "minute 'soon'", id="a word"),
        pytest.param("* * * * *", "Mars/Olympus", "no time zone called 'Mars/Olympus'", id="zone"),
        pytest.param("* * * * *", "../etc", "no time zone called", id="a path"),
    ],
)
def test_a_cron_line_that_makes_no_sense_is_refused(fields, zone, sentence):
    with pytest.raises(ValueError, match=sentence):
        cron(fields, zone)

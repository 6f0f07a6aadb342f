from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.due import GRACE, HOLD, Due, Missed, due, upcoming
from tasks.slots import Every, Once

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ONCE, SKIP = Missed.ONCE, Missed.SKIP


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("every", "since", "now", "began", "missed", "expected"),
    [
        pytest.param(60, 0, 59, -600, ONCE, Due(), id="nothing is due yet"),
        pytest.param(60, 0, 60, -600, ONCE, Due((at(60),)), id="a slot on time"),
        pytest.param(60, 0, 60, -600, SKIP, Due((at(60),)), id="a slot on time, skipping"),
        pytest.param(
            *(1, 0, 3, -600, ONCE),
            Due((at(1), at(2), at(3))),
            id="a look that came late runs each slot that it slept through",
        ),
        pytest.param(
            *(1, 0, 3, -600, SKIP),
            Due((at(1), at(2), at(3))),
            id="a look that came late, skipping",
        ),
        pytest.param(
            *(3600, -7200, 1000, 990, ONCE),
            Due((at(0),)),
            id="after downtime the last missed slot runs, once its hold is over",
        ),
        pytest.param(
            *(3600, -7200, 1000, 990, SKIP),
            Due((), skipped=at(0)),
            id="after downtime nothing runs, if so declared",
        ),
        pytest.param(
            *(3600, -7200, 10, 4, SKIP),
            Due((at(0),)),
            id="a restart around a slot skips nothing",
        ),
        pytest.param(
            *(3600, -7200, 8, 4, ONCE), Due(), id="what was due before is left to others at first"
        ),
        pytest.param(
            *(1, -100, 10, 4, ONCE),
            Due(tuple(at(n) for n in (4, 5, 6, 7, 8, 9, 10))),
            id="one missed slot, then each of those since the beginning",
        ),
        pytest.param(
            *(30, -7200, 0, -7200, ONCE),
            Due((at(-60), at(-30), at(0))),
            id="a database that was away for long: the last missed and those of the last minute",
        ),
        pytest.param(
            *(30, -7200, 0, -7200, SKIP),
            Due((at(-30), at(0)), skipped=at(-60)),
            id="a database that was away for long, skipping",
        ),
        pytest.param(60, 0, -30, -600, ONCE, Due(), id="a clock that went back"),
    ],
)
def test_what_is_due(every, since, now, began, missed, expected):
    assert due(Every(every, at(-86_400)), at(since), at(now), at(began), missed) == expected


def test_a_single_moment_that_was_missed_runs_late():
    once = Once(at(0))

    assert due(once, at(-100), at(7200), at(7000), ONCE) == Due((at(0),))
    assert due(once, at(-100), at(7200), at(7000), SKIP) == Due((), skipped=at(0))
    assert due(once, at(0), at(7200), at(7000), ONCE) == Due()


@given(
    every=st.integers(1, 200),
    looks=st.lists(st.floats(0.01, 30), min_size=1, max_size=20),
    missed=st.sampled_from(Missed),
)
def test_a_beat_that_stays_and_looks_in_time_runs_every_slot_once(every, looks, missed):
    slots, now, since, ran = Every(every), NOON, NOON, []

    for pause in looks:
        now += timedelta(seconds=pause)
        found = due(slots, since, now, NOON, missed)
        assert found.skipped is None
        ran += found.run
        since = max([since, *found.run])

    assert ran == [slot for slot in upcoming(slots, NOON, 1000) if slot <= now]


@given(
    every=st.integers(1, 10_000),
    down=st.integers(0, 100_000),
    up=st.floats(HOLD.total_seconds(), 200),
    missed=st.sampled_from(Missed),
)
def test_after_downtime_one_missed_slot_runs_at_most(every, down, up, missed):
    began = at(down)
    now = began + timedelta(seconds=up)

    found = due(Every(every), NOON, now, began, missed)

    border = max(began, now - GRACE)
    late = [slot for slot in found.run if slot <= border]
    assert len(late) <= 1
    assert list(found.run) == sorted(set(found.run))
    assert [slot for slot in found.run if slot > border] == [
        slot for slot in upcoming(Every(every), border, 1000) if slot <= now
    ]
    if missed is SKIP:
        assert all(slot > now - GRACE for slot in found.run)
    elif Every(every).next_after(NOON) <= border:
        assert late == [Every(every).last_until(border)]

from __future__ import annotations

import json
import math

import pytest

from realtime import latency, metrics
from realtime.latency import CLOCK_ERROR, LONGEST, OLDEST, Shown, stamp, take
from realtime.protocol import publication

NOW = 1_795_000_000_000.0
SOUND = Shown(NOW - 100, NOW - 99, NOW - 98, NOW - 90, NOW - 60)


def counted() -> list[int]:
    all_durations = [metrics.commit_to_screen, *metrics.stages.values()]
    return [sum(durations.counts) for durations in all_durations]


@pytest.fixture
def risen():
    before = counted()
    return lambda: [now - then for then, now in zip(before, counted(), strict=True)]


def test_an_events_times_are_written_onto_it_and_counted(risen):
    published = latency.now() - 500
    pushed = publication("user:1", b'{"n":1}', 7)

    told = json.loads(stamp(pushed, (published - 1_250, published)))["push"]

    assert told["pub"] | {"tags": {}} == {"data": {"n": 1}, "offset": 7, "tags": {}}
    tags = {name: float(text) for name, text in told["pub"]["tags"].items()}
    assert (tags["c"], tags["p"]) == ((published - 1_250) / 1000, published / 1000)
    assert 0.5 <= tags["w"] - tags["p"] < 60_000
    assert risen() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("committed", "published"),
    [
        pytest.param(1 << 63, 5, id="a stage of less than no time"),
        pytest.param(-(1 << 63), (1 << 64) - 1, id="absurd"),
    ],
)
def test_forged_times_are_told_but_not_counted(committed, published, risen):
    pushed = publication("user:1", b'{"n":1}', 7)

    told = json.loads(stamp(pushed, (committed, published)))

    assert set(told["push"]["pub"]["tags"]) == {"c", "p", "w"}
    assert risen() == [0] * 5


def test_what_a_page_tells_is_counted_by_stage(risen):
    assert take(SOUND, NOW)

    assert risen() == [1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("changed", "is_taken"),
    [
        pytest.param({}, True, id="sound"),
        pytest.param({"p": SOUND.c - CLOCK_ERROR}, True, id="published before it was committed"),
        pytest.param({"p": SOUND.c - CLOCK_ERROR - 1}, False, id="published long before"),
        pytest.param({"w": SOUND.p - CLOCK_ERROR - 1}, False, id="written before it was published"),
        pytest.param({"received": SOUND.w - CLOCK_ERROR}, True, id="received before it was sent"),
        pytest.param({"received": SOUND.w - CLOCK_ERROR - 1}, False, id="received long before"),
        pytest.param({"shown": SOUND.received - CLOCK_ERROR - 1}, False, id="shown before it came"),
        pytest.param({"shown": NOW + CLOCK_ERROR}, True, id="shown a moment from now"),
        pytest.param({"shown": NOW + CLOCK_ERROR + 1}, False, id="shown in the future"),
        pytest.param({"c": 0, "p": 0, "w": 0}, False, id="shown long after the commit"),
        pytest.param({"c": NOW - LONGEST}, True, id="just not too slow"),
        pytest.param({"c": SOUND.shown - LONGEST}, False, id="too slow"),
        pytest.param({"c": math.nan}, False, id="no number"),
        pytest.param({"shown": math.inf}, False, id="endless"),
        pytest.param({"c": -math.inf}, False, id="endlessly long ago"),
    ],
)
def test_only_what_makes_sense_is_counted(changed, is_taken, risen):
    assert take(SOUND._replace(**changed), NOW) is is_taken

    assert risen()[0] == int(is_taken)


def test_what_was_shown_long_ago_is_not_told_any_more():
    assert take(SOUND, SOUND.shown + OLDEST)
    assert not take(SOUND, SOUND.shown + OLDEST + 1)


def test_less_than_nothing_by_the_clocks_error_counts_as_nothing(risen):
    before = metrics.stages["write_to_receive"].counts[0]

    assert take(SOUND._replace(received=SOUND.w - 3), NOW)

    assert metrics.stages["write_to_receive"].counts[0] == before + 1

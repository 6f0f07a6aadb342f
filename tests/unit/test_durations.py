from __future__ import annotations

import pytest

from realtime.durations import MOST, Durations, Lately, quantile


def test_the_buckets_say_how_many_took_no_longer():
    durations = Durations()
    for microseconds in (0, 31, 40, 64, 1_000_000):
        durations.observe(microseconds)

    buckets = dict(durations.buckets())

    assert [buckets[bits] for bits in (32e-6, 64e-6, 128e-6)] == [2, 3, 4]
    assert list(buckets.values())[-1] == 5
    assert durations.total == 1_000_135


@pytest.mark.parametrize(
    "microseconds",
    [
        pytest.param(-1, id="less than no time"),
        pytest.param(MOST, id="too long"),
        pytest.param(1 << 80, id="absurd"),
    ],
)
def test_what_cannot_be_is_not_counted(microseconds):
    durations = Durations()

    durations.observe(microseconds)

    assert (sum(durations.counts), durations.total) == (0, 0)


@pytest.mark.parametrize(
    ("observed", "share", "seconds"),
    [
        pytest.param([], 0.5, None, id="nothing"),
        pytest.param([5_000], 1, 0.008192, id="one of one: its bucket's end"),
        pytest.param([5_000] * 4, 0.5, 0.006144, id="half of a bucket"),
        pytest.param([100] * 99 + [900_000], 0.99, 0.000128, id="all but the slow one"),
        pytest.param([100] * 99 + [900_000], 1, 1.048576, id="the slow one too"),
    ],
)
def test_a_quantile_lies_within_its_bucket(observed, share, seconds):
    durations = Durations()
    for microseconds in observed:
        durations.observe(microseconds)

    assert quantile(durations.counts, share) == (
        None if seconds is None else pytest.approx(seconds)
    )


def test_lately_forgets_what_was_long_ago():
    durations = Durations()
    lately = Lately(durations, looks=2)

    seen = []
    for _ in range(4):
        durations.observe(1)
        seen.append(sum(lately.look()))

    assert seen == [1, 2, 2, 2]

"""What is remembered of a stream of values."""

from __future__ import annotations

import random

import pytest

from tasks.work.sketches import Distinct, Sample, Tally


def batches(values, size=500):
    return [values[start : start + size] for start in range(0, len(values), size)]


def test_a_sample_of_few_values_is_all_of_them():
    sample = Sample(limit=10, seed=1)
    sample.add(["a", "b"])
    sample.add([])
    sample.add(["c"])

    assert sample.values == ["a", "b", "c"]
    assert sample.is_whole


def test_a_sample_of_many_values_is_fair_and_bounded():
    sample = Sample(limit=2000, seed=1)
    for batch in batches([str(n) for n in range(100_000)]):
        sample.add(batch)

    places = [int(value) for value in sample.values]

    assert len(places) == len(set(places)) == 2000
    assert not sample.is_whole
    assert sum(places) / 2000 == pytest.approx(50_000, rel=0.05)
    assert sum(place < 25_000 for place in places) == pytest.approx(500, abs=80)


def test_a_sample_that_fills_exactly_is_whole():
    sample = Sample(limit=3, seed=1)
    sample.add(["a", "b", "c"])

    assert sample.is_whole
    assert sample.values == ["a", "b", "c"]


@pytest.mark.parametrize("different", [10, 2000, 50_000])
def test_different_values_are_counted_within_a_few_percent(different):
    distinct = Distinct()
    for batch in batches([f"value {n}" for n in range(different)] * 2):
        distinct.add(batch)

    assert distinct.estimate() == pytest.approx(different, rel=0.1)


def test_a_tally_of_few_values_is_exact():
    tally = Tally(limit=10)
    tally.add(["b", "a", "b"], only_distinct=False)
    tally.add({"c": 2}, only_distinct=False)

    assert tally.is_exact
    assert tally.distinct == 3
    assert tally.top(2) == [("b", 2), ("c", 2)]


def test_a_tally_of_many_values_keeps_the_frequent_ones():
    values = ["often"] * 3000 + ["sometimes"] * 1000 + [f"once {n}" for n in range(6000)]
    random.Random(3).shuffle(values)
    tally = Tally(limit=500)
    for batch in batches(values):
        tally.add(batch, only_distinct=False)

    assert not tally.is_exact
    assert tally.distinct == pytest.approx(6002, rel=0.1)
    assert [value for value, _ in tally.top(2)] == ["often", "sometimes"]
    assert len(tally._counts) <= 500

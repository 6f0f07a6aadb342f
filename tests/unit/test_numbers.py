"""Reading numbers, and their moments."""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter

import pytest

from tasks.work.histograms import histogram, round_step, shown
from tasks.work.numbers import Moments, median, read, read_all


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("12", 12.0, id="whole"),
        pytest.param("-1.5e3", -1500.0, id="scientific"),
        pytest.param("1_000", None, id="Python's underscore"),
        pytest.param("nan", None, id="NaN"),
        pytest.param("inf", None, id="infinity"),
        pytest.param("1e999", None, id="too large"),
        pytest.param("12 apples", None, id="text"),
        pytest.param("1,5", None, id="decimal comma where commas divide"),
    ],
)
def test_a_number_is_read_or_is_none(text, number):
    assert read(text) == number
    assert read_all([text]) == ([number] if number is not None else None)


def test_a_decimal_comma_is_read_where_it_is_told_of():
    assert read("1,5", decimal_comma=True) == 1.5


def test_moments_of_batches_are_those_of_all():
    chance = random.Random(5)
    values = [chance.gauss(1e9, 3) for _ in range(5000)]
    moments = Moments()
    moments.add([])
    for start in range(0, 4000, 400):
        moments.add(values[start : start + 400])
    moments.add_counted(Counter(values[4000:]))

    assert moments.count == 5000
    assert moments.mean == pytest.approx(statistics.fmean(values), rel=1e-12)
    assert moments.deviation == pytest.approx(statistics.stdev(values), rel=1e-6)
    assert (moments.least, moments.most) == (min(values), max(values))


def test_one_value_deviates_by_nothing():
    moments = Moments()
    moments.add([7.0])

    assert moments.deviation == 0


@pytest.mark.parametrize(
    ("values", "middle"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5), ([1e308, 1e308], 1e308)]
)
def test_the_median_is_the_middle(values, middle):
    assert median(values) == middle


@pytest.mark.parametrize(
    ("number", "text"),
    [(2.0, "2"), (0.1 + 0.2, "0.3"), (math.inf, "None"), (math.nan, "None"), (1e300, "1e+300")],
)
def test_a_number_is_shown_as_json_can(number, text):
    assert str(shown(number)) == text


@pytest.mark.parametrize(("raw", "step"), [(0.3, 0.5), (1.0, 1.0), (1.2, 2.0), (60, 100.0)])
def test_steps_are_round(raw, step):
    assert round_step(raw) == pytest.approx(step)


def test_a_histogram_counts_every_value_once_between_round_edges():
    values = [0.0, 0.0, 3.0, 7.5, 19.9, 20.0]

    bins = histogram(values, 0, 20, len(values))

    assert [bins[0]["from"], bins[-1]["to"]] == [0, 21]
    assert [b["count"] for b in bins if b["count"]] == [2, 1, 1, 1, 1]


def test_whole_numbers_have_a_bin_each():
    bins = histogram([float(n) for n in range(1, 21)], 1, 20, 20)

    assert [b["count"] for b in bins] == [1] * 20


def test_what_lies_on_an_edge_begins_a_bin():
    bins = histogram([0.0, 0.1, 0.2, 0.3, 2.0], 0, 2, 5)

    assert [(b["from"], b["count"]) for b in bins[:4]] == [(0, 1), (0.1, 1), (0.2, 1), (0.3, 1)]


def test_a_histogram_of_a_sample_is_scaled_to_all_exactly():
    bins = histogram([1.0, 2.0, 3.0], 0, 10, 1000)

    assert sum(b["count"] for b in bins) == 1000


@pytest.mark.parametrize(
    ("values", "bins"),
    [
        pytest.param([5.0, 5.0], [{"from": 5, "to": 5, "count": 2}], id="one value"),
        pytest.param([-1.7e308, 1.7e308], [], id="a range beyond numbers"),
        pytest.param([0.0, 1e-320], [], id="a range below numbers"),
    ],
)
def test_a_histogram_without_a_range_is_plain(values, bins):
    assert histogram(values, values[0], values[1], 2) == bins

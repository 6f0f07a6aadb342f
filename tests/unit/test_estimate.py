import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.estimate import Past, learn, time_left, waits

#: Sixty jobs that took about a tenth of a second per unit, give or take a twentieth.
CHANCE = random.Random(3)
SIZES = [CHANCE.uniform(10, 1000) for _ in range(60)]
SIZED = learn([(size / 10 * CHANCE.uniform(0.95, 1.05), size) for size in SIZES])
ALIKE = learn([(seconds, None) for seconds in (9, 10, 10, 11, 60)])

anything = st.floats() | st.integers(-10, 10)
amounts = st.floats(0, 1e15)
samples = st.lists(st.tuples(anything, st.none() | anything), max_size=12)


def test_without_a_past_a_job_ends_as_its_own_pace_says():
    assert time_left(10, 20, 100, 2.0) == 40.0


@pytest.mark.parametrize("rate", [None, 0.0], ids=["unknown", "it stands still"])
def test_without_a_past_and_without_a_pace_the_end_is_unknown(rate):
    assert time_left(10, 20, 100, rate) is None


def test_without_a_total_and_without_a_past_the_end_is_unknown():
    assert time_left(10, 20, None, 2.0) is None


def test_without_a_total_a_job_goes_on_as_long_as_those_that_took_longer_than_it_has():
    assert time_left(0, 5, None, None, ALIKE) == 10
    assert time_left(9.5, 5, None, None, ALIKE) == 1.0
    assert time_left(20, 5, None, None, ALIKE) == 40


def test_a_job_that_takes_longer_than_any_before_it_has_no_end_in_sight():
    assert time_left(61, 5, None, None, ALIKE) is None
    assert time_left(61, 0, 10, None, ALIKE) is None


def test_at_its_beginning_a_job_ends_as_earlier_ones_of_its_size_did():
    assert time_left(0, 0, 500, None, SIZED) == pytest.approx(50, rel=0.02)
    assert time_left(1, 0, 500, 0.0, SIZED) == pytest.approx(49, rel=0.02)
    assert time_left(1, 1, 500, 1.0, SIZED) < 100


def test_the_further_a_job_is_the_more_its_own_pace_counts():
    pace = 8.0  # a fifth less than those before it

    weights = []
    for current in (5, 50, 250, 450):
        own, told = (500 - current) / pace, (500 - current) / 10
        left = time_left(current / pace, current, 500, pace, SIZED)
        weights.append((left - told) / (own - told))

    assert weights == sorted(weights)
    assert weights[0] < 0.1
    assert weights[-1] > 0.9


def test_a_past_that_does_not_fit_today_soon_counts_for_little():
    pace = 2.0  # a fifth of that of those before it

    left = time_left(25, 50, 500, pace, SIZED)

    assert left == pytest.approx(450 / pace, rel=0.1)


def test_a_past_that_was_never_the_same_is_worth_less_than_one_that_was():
    varied = learn([(seconds, 100) for seconds in (1, 5, 10, 20, 100)])
    steady = learn([(seconds, 100) for seconds in (9, 9.5, 10, 10.5, 11)])

    assert varied.duration(100) == steady.duration(100) == 10
    own = 12.0
    assert own > time_left(1, 10, 100, 7.5, varied) > time_left(1, 10, 100, 7.5, steady) > 9


def test_a_job_at_its_total_ends_now_whatever_the_past():
    assert time_left(100, 10, 10, None, SIZED) == 0.0
    assert time_left(1, 12, 10, 3.0, ALIKE) == 0.0


def test_a_larger_job_takes_longer_in_proportion():
    past = learn([(10, 100), (11, 100), (9, 100)])

    assert past.duration(1000) == pytest.approx(100)


def test_where_few_had_a_total_a_job_takes_as_long_as_any():
    past = learn([(10, 100), (11, None), (9, None)])

    assert past.duration(1000) == past.duration() == 10


@pytest.mark.parametrize("total", [None, 500], ids=["without totals", "with totals"])
def test_a_few_that_took_ten_times_as_long_change_little(total):
    usual = [(10.0 + n / 10, total and total + n) for n in range(10)]

    past = learn([*usual, (100, total), (120, total)])

    assert past.duration(total) == pytest.approx(10.5, rel=0.1)
    assert past.spread < 0.3


def test_durations_of_zero_tell_nothing():
    assert learn([(0, 1), (0.0, None), (-3, 5)]) is None
    assert learn([(0, 1), (10, 1)]) == learn([(10, 1)])


def test_nothing_is_learnt_from_nothing():
    assert learn([]) is None


@given(samples, amounts, amounts, st.none() | amounts, st.none() | amounts)
def test_an_estimate_is_never_negative_and_always_finite(found, elapsed, current, total, rate):
    left = time_left(elapsed, current, total, rate, learn(found))

    assert left is None or (left >= 0 and math.isfinite(left))
    if total is not None and current >= total:
        assert left == 0


@given(samples.map(learn), st.none() | amounts)
def test_a_duration_is_positive_and_finite_or_unknown(past, total):
    duration = past.duration(total) if past else None

    assert duration is None or (duration > 0 and math.isfinite(duration))


def test_a_job_waits_for_those_that_run_and_those_before_it():
    assert waits([5.0], [10.0, 1.0], 1) == [5.0, 15.0, 16.0]


def test_two_at_a_time_wait_half_as_long():
    assert waits([5.0, 8.0], [10.0, 10.0], 2) == [5.0, 8.0, 15.0]


def test_a_free_slot_is_not_waited_for():
    assert waits([5.0], [10.0], 2) == [0.0, 5.0]


@given(st.lists(st.floats(-10, 1e6)), st.lists(st.floats(-10, 1e6)), st.integers(1, 8))
def test_waits_are_never_negative_and_never_shorter_for_the_later(left, ahead, slots):
    found = waits(left, ahead, slots)

    assert len(found) == len(ahead) + 1
    assert found == sorted(found)
    assert found[0] >= 0


def test_a_past_of_one_job_is_something_but_not_much():
    past = learn([(10, 100)])

    assert isinstance(past, Past)
    assert 10 < time_left(10, 50, 100, 2.0, past) < 25

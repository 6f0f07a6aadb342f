import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.estimate import learn
from tasks.progress import MEMORY_SECONDS, Meter


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def meter(clock):
    return Meter(clock)


def record_at(meter, clock, seconds, current, total=None):
    clock.now = 100.0 + seconds
    meter.record(current, total)
    return meter.latest


def test_a_steady_job_knows_its_rate_and_its_end(meter, clock):
    for second in range(1, 6):
        latest = record_at(meter, clock, second, second * 2, 100)

    assert latest.rate == pytest.approx(2.0)
    assert latest.eta == pytest.approx(45.0)


def test_the_first_record_at_once_knows_neither(meter, clock):
    latest = record_at(meter, clock, 0, 1, 10)

    assert (latest.rate, latest.eta) == (None, None)


def test_without_a_total_there_is_no_end(meter, clock):
    latest = record_at(meter, clock, 1, 5)

    assert (latest.total, latest.rate, latest.eta) == (None, 5.0, None)


def test_a_job_that_stands_still_has_no_end_in_sight(meter, clock):
    record_at(meter, clock, 1, 0, 10)

    assert (meter.latest.rate, meter.latest.eta) == (0.0, None)


def test_a_job_at_its_total_ends_now(meter, clock):
    assert record_at(meter, clock, 0, 10, 10).eta == 0.0
    assert record_at(meter, clock, 1, 12, 10).eta == 0.0


def test_a_job_that_begins_anew_forgets_its_pace(meter, clock):
    record_at(meter, clock, 1, 50, 100)
    latest = record_at(meter, clock, 2, 0, 100)

    assert (latest.rate, latest.eta) == (None, None)
    assert record_at(meter, clock, 3, 10, 100).rate == pytest.approx(10)


def test_the_rate_follows_a_change_of_pace_within_its_memory(meter, clock):
    for second in range(1, 61):
        record_at(meter, clock, second, 10 * second)
    for second in range(1, 1 + round(MEMORY_SECONDS)):
        latest = record_at(meter, clock, 60 + second, 600 + second)

    assert latest.rate == pytest.approx(1 + 9 * math.exp(-1), rel=0.05)


def test_a_slow_beginning_is_soon_forgotten(meter, clock):
    record_at(meter, clock, 0.2, 0, 100)
    record_at(meter, clock, 2.2, 20, 100)

    assert meter.latest.rate == pytest.approx(20 / 2.2, rel=0.05)


def test_what_earlier_jobs_took_is_known_before_there_is_a_pace(meter, clock):
    meter.past = learn([(10, 100)] * 5)

    assert record_at(meter, clock, 0, 0, 100).eta == pytest.approx(10)
    assert record_at(meter, clock, 1, 50, 100).eta < 5


def test_without_a_total_the_past_is_all_there_is(meter, clock):
    meter.past = learn([(10, None)] * 5)

    assert record_at(meter, clock, 4, 50).eta == pytest.approx(6)


def test_every_record_has_a_higher_number(meter):
    meter.record(1)
    first = meter.n
    meter.record(1)

    assert meter.n > first


@pytest.mark.parametrize(
    ("current", "total"),
    [
        pytest.param(math.nan, None, id="no number"),
        pytest.param(math.inf, None, id="infinite"),
        pytest.param(-1, None, id="negative"),
        pytest.param(1, -1, id="negative total"),
        pytest.param(1, math.nan, id="total is no number"),
        pytest.param("1", None, id="text"),
        pytest.param(True, None, id="a truth"),
        pytest.param(10**400, None, id="beyond a float"),
    ],
)
def test_what_is_no_progress_is_refused_with_a_sentence(meter, current, total):
    with pytest.raises(ValueError, match=r"^progress\(\): (current|total) is "):
        meter.record(current, total)
    assert meter.latest is None


def test_a_message_is_made_fit_for_json(meter):
    meter.record(1, message="\ud800\0" + "x" * 500)

    assert meter.latest.message.startswith("?\N{REPLACEMENT CHARACTER}x")
    assert len(meter.latest.message) == 200


@given(
    st.lists(
        st.tuples(st.floats(0, 1e3), st.floats(0, 1e12), st.none() | st.floats(0, 1e12)),
        min_size=1,
    )
)
def test_rate_and_estimate_are_never_negative_and_always_finite(steps):
    clock = Clock()
    meter = Meter(clock)
    for pause, current, total in steps:
        clock.now += pause
        meter.record(current, total)
        for value in (meter.latest.rate, meter.latest.eta):
            assert value is None or (value >= 0 and math.isfinite(value))

import pytest

from tasks.retry import MOST_SECONDS, Retry


@pytest.mark.parametrize(
    ("error", "attempt", "wanted"),
    [
        pytest.param(OSError("away"), 1, True, id="a listed error, attempts left"),
        pytest.param(ConnectionError("away"), 2, True, id="a subclass of a listed error"),
        pytest.param(OSError("away"), 3, False, id="the last attempt"),
        pytest.param(ValueError("wrong"), 1, False, id="an error that is not listed"),
    ],
)
def test_another_attempt_follows(error, attempt, wanted):
    assert Retry(3, (OSError,)).wants(error, attempt) is wanted


def test_a_job_is_tried_at_least_once():
    with pytest.raises(ValueError, match="at least 1"):
        Retry(max_attempts=0)


@pytest.mark.parametrize(
    ("attempt", "longest"),
    [
        pytest.param(1, 2.0, id="the first wait"),
        pytest.param(2, 4.0, id="the second is twice as long"),
        pytest.param(5, 32.0, id="and so on"),
        pytest.param(10, MOST_SECONDS, id="to an end"),
        pytest.param(32_000, MOST_SECONDS, id="whatever the attempt"),
    ],
)
def test_the_wait_grows_with_full_jitter(attempt, longest):
    assert Retry().wait_seconds(attempt, lambda: 1.0) == longest
    assert Retry().wait_seconds(attempt, lambda: 0.5) == longest / 2
    assert Retry().wait_seconds(attempt, lambda: 0.0) == 0

import pytest

from tasks import outcomes
from tasks.errors import InvalidFile, UserError
from tasks.retry import Retry
from tasks.states import State

AGAIN = Retry(2, (OSError,))


def test_a_result_is_kept():
    outcome = outcomes.returned({"rows": 3, "names": ["a", "b"]}, keep=len)

    assert outcome.state is State.SUCCEEDED
    assert outcome.columns == {"result": {"rows": 3, "names": ["a", "b"]}}


@pytest.mark.parametrize(
    ("length", "result"),
    [
        pytest.param(65_534, "x" * 65_534, id="64 KiB of JSON stay in the row"),
        pytest.param(65_535, 65_537, id="a byte more is kept elsewhere"),
    ],
)
def test_a_result_too_long_for_the_row_is_replaced_by_its_link(length, result):
    outcome = outcomes.returned("x" * length, keep=len)

    assert outcome.state is State.SUCCEEDED
    assert outcome.columns == {"result": result}


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        pytest.param({"mean": float("nan")}, "The result is not a finite number.", id="NaN"),
        pytest.param("\ud800", "The result contains text that is not UTF-8.", id="surrogate"),
        pytest.param(object(), "The result is not JSON: ", id="an object"),
    ],
)
def test_a_result_that_cannot_be_kept_fails_the_job(result, sentence):
    outcome = outcomes.returned(result, keep=len)

    assert outcome.state is State.FAILED
    assert outcome.columns["error"].startswith(sentence)


def test_a_sentence_for_the_owner_is_theirs_word_for_word():
    outcome = outcomes.raised(UserError("The file has no columns."), AGAIN, 1)

    assert outcome.state is State.FAILED
    assert outcome.columns == {"error": "The file has no columns.", "traceback": ""}


def test_our_own_errors_speak_to_the_owner():
    outcome = outcomes.raised(InvalidFile("You have no such upload."), AGAIN, 1)

    assert outcome.columns["error"] == "You have no such upload."


def test_of_other_errors_the_owner_is_told_the_name_and_staff_the_rest():
    outcome = outcomes.raised(ValueError("password=hunter2"), AGAIN, 1)

    assert outcome.state is State.FAILED
    assert outcome.columns["error"] == "Something went wrong (ValueError)."
    assert "password=hunter2" in outcome.columns["traceback"]


def test_a_listed_error_is_followed_by_another_attempt_later():
    outcome = outcomes.raised(OSError("away"), AGAIN, 1)

    assert outcome.state is State.RETRYING
    assert 0 <= outcome.wait_seconds <= 2


def test_a_listed_error_on_the_last_attempt_fails_the_job():
    assert outcomes.raised(OSError("away"), AGAIN, 2).state is State.FAILED

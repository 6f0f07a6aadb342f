"""What a job's function says: which lines are kept, by whom, and how many."""

from __future__ import annotations

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from tasks import output, worker
from tasks.errors import JobCancelled, LeaseLost, UserError
from tasks.models import Job
from tests.integration.job_output import kept, next_attempt

pytestmark = pytest.mark.django_db(transaction=True)


def raise_(error):
    def act(job):
        raise error

    return act


def test_lines_are_numbered_from_one_in_the_order_in_which_they_were_said(run):
    run.step("Read")
    run.log("10 rows")
    run.scribe.write()
    run.log("one\ntwo", level="warning")
    run.scribe.write()

    assert kept() == [
        (1, 1, "step", "Read"),
        (2, 1, "info", "10 rows"),
        (3, 1, "warning", "one"),
        (4, 1, "warning", "two"),
    ]


def test_a_later_attempt_goes_on_where_the_earlier_one_ended(run):
    run.log("first")
    second = next_attempt(run)
    second.log("second")
    second.scribe.write()

    assert kept() == [(1, 1, "info", "first"), (2, 2, "info", "second")]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"token": "another"}, id="another attempt has begun"),
        pytest.param({"state": "cancelled"}, id="the job has ended"),
    ],
)
def test_who_has_lost_the_job_adds_nothing_to_it(run, change):
    run.log("before")
    run.scribe.write()
    Job.objects.update(**change)
    run.log("after")

    with pytest.raises(LeaseLost):
        run.scribe.write()
    with pytest.raises(LeaseLost):
        run.scribe.finish()
    assert [text for *_, text in kept()] == ["before"]


class Mute:
    def __str__(self):
        raise OSError("nothing to say")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param(7, "7", id="a number"),
        pytest.param(None, "None", id="nothing"),
        pytest.param({"a": [1]}, "{'a': [1]}", id="a structure"),
        pytest.param(Mute(), "<Mute, which does not say what it is>", id="what raises"),
    ],
)
def test_anything_may_be_said(run, said, text):
    run.log(said)
    run.step(said)
    run.scribe.write()

    assert [text for *_, text in kept()] == [text, text]


@pytest.mark.parametrize("level", ["", "INFO", "fatal", "step", "cut", None, 20, ["info"]])
def test_a_level_that_is_none_is_refused(run, level):
    with pytest.raises(ValueError, match="is none of debug, info, warning, error"):
        run.log("x", level)

    assert not run.scribe.has_work


def test_over_all_attempts_so_much_is_kept_and_then_nothing(run, monkeypatch):
    monkeypatch.setattr(output, "MAX_LINES", 3)
    run.log("a\nb")
    second = next_attempt(run)
    second.log("c\nd\ne")
    second.scribe.write()
    second.log("f")
    third = next_attempt(second)
    third.log("g")
    third.scribe.finish()

    assert [(n, level) for n, _, level, _ in kept()] == [
        (1, "info"),
        (2, "info"),
        (3, "info"),
        (4, "cut"),
    ]
    assert kept()[-1][-1].startswith("The rest was cut")


def test_bytes_of_earlier_attempts_count(run, monkeypatch):
    monkeypatch.setattr(output, "MAX_BYTES", 8)
    run.log("🐢")
    second = next_attempt(run)
    second.log("🐢\nx")
    second.scribe.write()

    assert [level for _, _, level, _ in kept()] == ["info", "info", "cut"]


def test_bytes_of_earlier_writes_count(run, monkeypatch):
    monkeypatch.setattr(output, "MAX_BYTES", 8)
    for said in ("🐢", "🐢\nx"):
        run.log(said)
        run.scribe.write()

    assert [level for _, _, level, _ in kept()] == ["info", "info", "cut"]


@pytest.mark.parametrize(
    ("act", "state"),
    [
        pytest.param(lambda job: None, "succeeded", id="it returns"),
        pytest.param(raise_(UserError("No.")), "failed", id="it raises"),
        pytest.param(raise_(JobCancelled()), "cancelled", id="it is cancelled"),
        pytest.param(raise_(SoftTimeLimitExceeded()), "failed", id="it takes too long"),
    ],
)
def test_all_that_was_said_is_there_when_the_job_has_ended(talk, act, state):
    worker.perform(talk(lambda job: job.log("last words"), act))

    assert Job.objects.get().state == state
    assert kept() == [(1, 1, "info", "last words")]

"""How a watched task's row follows words that come late, twice, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tasks import interventions, jobs, reconcile, signals, watched
from tasks import job as jobs_of
from tasks.job import Run, job
from tasks.models import Job
from tasks.outcomes import Outcome, failed
from tasks.states import State
from tasks.watched import Call
from tests.integration.appended import types
from tests.integration.watched import TASK_ID, WHOLE, timeline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("alice")]


def call(attempt=1, **changes):
    owner = User.objects.get().pk
    given = {"kind": "a.b", "owner": owner, "arguments": {"args": [1], "kwargs": {}}}
    return Call(TASK_ID, attempt=attempt, worker="w1", **{**given, **changes})


def say(words):
    """Say words as Celery does: ``+`` published, ``1`` attempt 1 began, ``1r`` it is retried."""
    for word in words.split():
        attempt = int(word[0]) if word[0].isdigit() else 0
        match word.strip("0123456789"):
            case "+":
                watched.queue(call(0))
            case "x":
                watched.revoke(call(1))
            case "":
                watched.start(call(attempt))
            case "s":
                watched.end(call(attempt), Outcome(State.SUCCEEDED, {"result": attempt}))
            case "f":
                watched.end(call(attempt), failed("It failed."))
            case "r":
                retry = {"error": "away", "run_after": timezone.now()}
                watched.end(call(attempt), Outcome(State.RETRYING, retry))


def told():
    return [type_.removeprefix("job.") for type_ in types()]


RETRIED = "0queued 1started 1retrying 2started 2succeeded"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("+ 1 1s", WHOLE, id="as it should be"),
        pytest.param("+ + 1 1 1s 1s", WHOLE, id="everything twice"),
        pytest.param("1 + 1s +", WHOLE, id="the worker is faster than the publisher"),
        pytest.param("1s 1 +", WHOLE, id="the end comes first"),
        pytest.param("+ 1s", WHOLE, id="the start is missing"),
        pytest.param("+ 1 1s 1f", WHOLE, id="a failure after the end"),
        pytest.param("+ 1 1r 2 2s", RETRIED, id="a retry"),
        pytest.param("+ 1 2 1r 2s", RETRIED, id="the next attempt is faster than the retry"),
        pytest.param("+ 1 2 2s 1r", RETRIED, id="the retry is told last"),
        pytest.param("+ 1 1r 1r 2 1f 2s", RETRIED, id="a failure of an attempt that is over"),
        pytest.param("+ 1 1r 1s 2 2s", RETRIED, id="an end of an attempt that is retried"),
        pytest.param("+ 1r 2s", RETRIED, id="all starts are missing"),
        pytest.param("+ 1 1f 1f", "0queued 1started 1failed", id="killed, told twice"),
        pytest.param("+ x 1 1s x", "0queued 0cancelled", id="revoked while it waits"),
        pytest.param("+ 1 x 1f", "0queued 1started 1cancelled", id="revoked while it runs"),
        pytest.param("+ 1 1r x 2", "0queued 1started 1retrying 1cancelled", id="before a retry"),
    ],
)
def test_whatever_comes_is_told_once_and_in_order(words, expected):
    say(words)

    assert timeline() == expected
    assert told() == [step.lstrip("0123456789") for step in expected.split()]


def test_every_turn_sends_the_signals_that_any_job_sends():
    heard = []
    names = ["job_queued", "job_started", "job_retrying", "job_succeeded", "job_finished"]
    for name in names:

        def hear(job, by, name=name, **_):
            heard.append((name, by))

        getattr(signals, name).connect(hear, weak=False, dispatch_uid=name)
    try:
        say("+ 1 1r 2 2s")
    finally:
        for name in names:
            getattr(signals, name).disconnect(dispatch_uid=name)

    assert heard == [
        ("job_queued", "alice"),
        ("job_started", "w1"),
        ("job_retrying", "w1"),
        ("job_started", "w1"),
        ("job_succeeded", "w1"),
        ("job_finished", "w1"),
    ]


def test_a_watched_task_is_nobodys_to_claim_to_wake_or_to_count(alice, settings, monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    settings.JOB_MAX_WAITING = 1

    @job()
    def tally(job: Run) -> None: ...

    say("+ 1 1r")
    Job.objects.update(run_after=timezone.now() - timedelta(hours=1))

    assert (reconcile.wake_forgotten(), jobs.claim("default", "w1")) == (0, None)
    assert tally.enqueue(owner=alice).state == State.QUEUED


def test_a_running_task_that_is_never_heard_of_again_fails_after_its_time():
    watched.start(call(limit_seconds=5))
    running = Job.objects.get()
    left = (running.deadline - timezone.now()).total_seconds()
    assert left == pytest.approx(65, abs=3)
    assert reconcile.reconcile().lost == 0

    Job.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    reconcile.reconcile()

    assert timeline() == "0queued 1started 1failed"
    assert Job.objects.get().error == "The job took longer than it may (5 s)."


def test_a_task_without_a_time_limit_may_take_a_day():
    watched.start(call())

    left = Job.objects.get().deadline - timezone.now()
    assert left == pytest.approx(timedelta(days=1, minutes=1), abs=timedelta(seconds=3))


def test_one_that_is_to_stop_is_not_tried_again(alice):
    say("+ 1")
    interventions.cancel(TASK_ID, alice)

    say("1r 2 2s")

    assert timeline() == "0queued 1started 1cancel_requested 1cancelled"


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_an_id_that_is_a_jobs_is_left_alone(alice, state):
    Job.objects.create(
        id=TASK_ID, owner=alice, kind="reports", queue="reports", state=state, attempt=1
    )

    say("+ 1 1s 2 2s x")

    assert (Job.objects.get().state, timeline()) == (state, "")


def test_words_on_a_task_of_nobodys_are_let_pass():
    watched.end(call(owner=99), failed("It failed."))

    assert not Job.objects.exists()


def test_a_name_is_cut_to_its_column():
    watched.queue(call(kind="a" * 70))

    assert Job.objects.get().kind == "a" * 60


def test_a_call_that_cannot_be_recorded_leaves_the_callers_transaction_whole(alice):
    with transaction.atomic():
        watched.queue(call(owner=99))
        say("+ +")
        User.objects.create(username="bob")

    assert (Job.objects.count(), User.objects.count()) == (1, 2)

"""How a watched task's row follows words that come late, twice, or not at all."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from celery import shared_task
from celery import signals as celery_signals
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from project.celery import app
from realtime.models import Event
from tasks import interventions, jobs, reconcile, shown, signals, watched, watcher
from tasks import job as jobs_of
from tasks.job import Run, job
from tasks.models import Job, Step
from tasks.outcomes import Outcome, failed
from tasks.states import State
from tasks.watched import Call

pytestmark = pytest.mark.django_db(transaction=True)

TASK_ID = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def alice():
    return User.objects.create(username="alice")


@pytest.fixture
def eager(settings):
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


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


def timeline():
    return " ".join(f"{step.attempt}{step.name}" for step in Step.objects.order_by("id"))


def told():
    events = [json.loads(event.data) for event in Event.objects.order_by("id")]
    return [event["type"].removeprefix("job.") for event in events]


WHOLE = "0queued 1started 1succeeded"
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


@shared_task
def add_up(numbers: list[int]) -> int:
    return sum(numbers)


@shared_task(bind=True, max_retries=2, default_retry_delay=0)
def try_again(self) -> int:
    if self.request.retries < 2:
        raise self.retry(exc=OSError("away"))
    return 3


def test_a_task_that_runs_eagerly_is_followed_too(eager, alice):
    add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})

    assert (timeline(), Job.objects.get().result) == (WHOLE, 3)


def test_an_eager_task_in_a_transaction_goes_with_it(eager, alice):
    with transaction.atomic():
        add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_an_eager_task_that_is_retried_is_told_in_order(eager, alice):
    try_again.apply_async(headers={"bellwire_owner": alice.pk})

    assert timeline() == "0queued 1started 1retrying 2started 2retrying 3started 3succeeded"


def test_a_task_runs_also_where_nothing_can_be_recorded(eager, alice, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_job RENAME TO away")
    try:
        done = add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO tasks_job")

    assert done.result == 3
    assert "could not be watched" in caplog.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": [1, "ö", None]}, {"a": [1, "ö", None]}, id="JSON"),
        pytest.param(
            datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T00:00:00Z", id="a time, as Celery's JSON"
        ),
        pytest.param(
            object(), {"note": "This cannot be shown: it is not JSON."}, id="what is not JSON"
        ),
        pytest.param(
            "\0", {"note": "This cannot be shown: it contains a NUL character."}, id="NUL"
        ),
        pytest.param("x" * 70_000, {"note": "This is not shown: it is over 64 KiB."}, id="long"),
        pytest.param(
            [[[[[[[[[[]]]]]]]]]],
            {"note": "This cannot be shown: it is nested too deep."},
            id="deep",
        ),
    ],
)
def test_what_a_task_is_given_and_gives_is_shown_if_it_can_be(value, expected):
    assert shown.shown(value) == expected


def test_an_error_of_celerys_own_fails_the_task(alice):
    request = {"id": str(TASK_ID), "retries": 0, "headers": {"bellwire_owner": alice.pk}}

    celery_signals.task_internal_error.send(
        sender=add_up, task_id=str(TASK_ID), request=request, exception=OSError("away"), einfo=None
    )

    assert timeline() == "0queued 1started 1failed"


def test_a_listener_that_fails_is_counted_and_raises_nothing(caplog):
    def fail(**_):
        raise RuntimeError("no")

    watcher._harmless(fail)(sender=add_up, task_id="1")

    assert "RuntimeError('no')" in caplog.text

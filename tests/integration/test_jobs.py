from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.utils import timezone

from realtime.models import Event
from tasks import interventions, jobs, outcomes, rows
from tasks import job as jobs_of
from tasks.errors import InvalidArguments, LeaseLost
from tasks.job import Run, job
from tasks.models import Job, Step
from tasks.outcomes import Outcome
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return User.objects.create(username="alice")


@pytest.fixture
def bob():
    return User.objects.create(username="bob")


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(queue="reports", max_attempts=2)
    def tally(job: Run, *, rows: int) -> None: ...

    return tally


def told():
    """What was appended to anybody's log, in order, and the state that it spoke of."""
    events = [json.loads(event.data) for event in Event.objects.order_by("id")]
    return [(event["type"], event["job"]["state"]) for event in events]


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_that_is_enqueued_is_recorded_and_told(tally, alice):
    enqueued = tally.enqueue(owner=alice, rows=3)

    recorded = Job.objects.get()
    assert (recorded.pk, recorded.state, recorded.owner) == (enqueued.pk, State.QUEUED, alice)
    assert (recorded.kind, recorded.queue, recorded.arguments) == ("tally", "reports", {"rows": 3})
    assert told() == [("job.queued", "queued")]


def test_a_job_joins_the_callers_transaction(tally, alice):
    with transaction.atomic():
        tally.enqueue(owner=alice, rows=3)
        transaction.set_rollback(True)

    assert (Job.objects.count(), told()) == (0, [])


async def test_a_job_is_enqueued_from_async_code(tally):
    alice = await User.objects.acreate(username="alice")

    enqueued = await tally.aenqueue(owner=alice, rows=3)

    assert (await Job.objects.aget()).pk == enqueued.pk


def test_wrong_arguments_record_nothing(tally, alice):
    with pytest.raises(InvalidArguments):
        tally.enqueue(owner=alice, rows="3")

    assert (Job.objects.count(), told()) == (0, [])


def test_a_claim_starts_an_attempt_with_a_lease(tally, alice):
    tally.enqueue(owner=alice, rows=3)

    claimed = jobs.claim("reports", "w1")

    assert (claimed.state, claimed.attempt, claimed.worker) == (State.RUNNING, 1, "w1")
    assert len(claimed.token) == 32
    assert claimed.lease_until - claimed.started_at == timedelta(seconds=30)
    assert claimed.arguments == {"rows": 3}
    assert told()[-1] == ("job.started", "running")


def test_what_a_claim_returns_is_the_row_as_the_orm_reads_it(tally, alice):
    tally.enqueue(owner=alice, rows=3)

    claimed = jobs.claim("reports", "w1")

    read = Job.objects.get()
    for field in Job._meta.concrete_fields:
        assert getattr(claimed, field.attname) == getattr(read, field.attname), field.name


@pytest.mark.parametrize(
    ("queue", "changes"),
    [
        pytest.param("images", {}, id="of another queue"),
        pytest.param("reports", {"state": State.RUNNING}, id="that runs"),
        pytest.param("reports", {"state": State.SUCCEEDED}, id="that has ended"),
        pytest.param(
            "reports", {"run_after": timezone.now() + timedelta(hours=1)}, id="not due yet"
        ),
    ],
)
def test_a_claim_leaves_a_job(tally, alice, queue, changes):
    tally.enqueue(owner=alice, rows=3)
    Job.objects.update(**changes)

    assert jobs.claim(queue, "w1") is None


def test_a_job_from_a_server_whose_clock_is_ahead_is_due_at_once(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    tomorrow = timezone.now() + timedelta(days=1)
    Job.objects.update(run_after=tomorrow, queued_at=tomorrow)

    assert jobs.claim("reports", "w1") is not None


def test_the_highest_priority_goes_first_and_then_what_waits_longest(tally, alice):
    first, second, urgent = (tally.enqueue(owner=alice, rows=n) for n in range(3))
    Job.objects.filter(pk=urgent.pk).update(priority=5)

    claimed = [jobs.claim("reports", "w1").pk for _ in range(3)]

    assert claimed == [urgent.pk, first.pk, second.pk]


def test_a_claim_uses_the_index_for_it():
    sql = rows._claim_sql("sqlite", 30.0).split("(SELECT")[1].split(") RETURNING")[0]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN SELECT {sql}", ["reports"])
        plan = str(cursor.fetchall())

    assert "job_next" in plan
    assert "TEMP B-TREE" not in plan


def test_a_job_that_succeeds_keeps_its_result_and_progress(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")

    settled = jobs.settle(claimed, outcomes.returned({"rows": 3}, keep=len), {"current": 3.0})

    read = Job.objects.get()
    assert (read.state, read.result, read.progress) == (
        State.SUCCEEDED,
        {"rows": 3},
        {"current": 3.0},
    )
    assert (read.lease_until, read.deadline) == (None, None)
    assert settled.finished_at == read.finished_at
    assert told()[-1] == ("job.succeeded", "succeeded")


def test_a_stale_token_changes_nothing_and_tells_nothing(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    stale = jobs.claim("reports", "w1")
    expire(stale)
    interventions.lose_expired(stale, "reconciler")
    newest = jobs.claim("reports", "w2")
    before = told()

    with pytest.raises(LeaseLost):
        jobs.settle(stale, outcomes.returned("stale", keep=len))

    assert Job.objects.get().token == newest.token
    assert told() == before


@pytest.mark.parametrize("first", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
@pytest.mark.parametrize("second", [State.SUCCEEDED, State.RETRYING, State.CANCELLED])
def test_a_final_state_is_final(tally, alice, first, second):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    jobs.settle(claimed, Outcome(first))

    with pytest.raises(LeaseLost):
        jobs.settle(claimed, Outcome(second))
    assert interventions.cancel(claimed.pk, alice).state == first
    assert jobs.claim("reports", "w2") is None
    assert Job.objects.get().state == first


def test_a_waiting_job_is_cancelled_at_once(tally, alice):
    waiting = tally.enqueue(owner=alice, rows=3)

    cancelled = interventions.cancel(waiting.pk, alice)

    assert (cancelled.state, cancelled.finished_at is None) == (State.CANCELLED, False)
    assert told()[-1] == ("job.cancelled", "cancelled")
    assert jobs.claim("reports", "w1") is None


def test_a_running_job_is_asked_to_stop_once(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    assert jobs.look([claimed.token]) == jobs.renew([claimed.token]) == {claimed.token: False}

    asked = [interventions.cancel(claimed.pk, alice) for _ in range(2)]

    assert [job.state for job in asked] == [State.RUNNING] * 2
    assert told()[2:] == [("job.cancel_requested", "running")]
    assert jobs.look([claimed.token]) == jobs.renew([claimed.token]) == {claimed.token: True}


def test_a_job_that_would_be_retried_but_was_cancelled_is_cancelled(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    interventions.cancel(claimed.pk, alice)

    settled = jobs.settle(
        claimed, Outcome(State.RETRYING, {"error": "away", "run_after": timezone.now()})
    )

    assert (settled.state, settled.error) == (State.CANCELLED, "")
    assert told()[-1] == ("job.cancelled", "cancelled")


def test_the_job_of_somebody_else_does_not_exist(tally, alice, bob):
    waiting = tally.enqueue(owner=alice, rows=3)

    with pytest.raises(Job.DoesNotExist):
        interventions.cancel(waiting.pk, bob)

    assert Job.objects.get().state == State.QUEUED


def test_a_lost_job_is_tried_again_while_attempts_are_left(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    states = []
    for _ in range(2):
        claimed = jobs.claim("reports", "w1")
        expire(claimed)
        states.append(interventions.lose_expired(claimed, "reconciler").state)

    assert states == [State.RETRYING, State.FAILED]
    assert Job.objects.get().error == "The worker was lost."


def test_a_job_whose_lease_was_renewed_is_not_lost(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    expire(claimed)
    jobs.renew([claimed.token])

    assert interventions.lose_expired(claimed, "reconciler") is None


def test_a_beat_of_a_stale_attempt_is_refused(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    jobs.settle(claimed, Outcome(State.FAILED))

    with pytest.raises(LeaseLost):
        jobs.beat(claimed, {"current": 1.0})
    assert jobs.look([claimed.token]) == jobs.renew([claimed.token]) == {}


def test_a_lost_job_is_due_at_once_though_the_clock_of_who_found_it_is_ahead(
    tally, alice, monkeypatch
):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    interventions.lose(claimed, "reconciler")

    assert jobs.claim("reports", "w2") is not None


def test_a_job_that_is_cancelled_between_attempts_shows_no_error(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    failed = Outcome(State.RETRYING, {"error": "away", "traceback": "line 1"})
    jobs.settle(jobs.claim("reports", "w1"), failed)

    interventions.cancel(Job.objects.get().pk, alice)

    read = Job.objects.get()
    assert (read.state, read.error, read.traceback) == (State.CANCELLED, "", "")


def test_who_is_nobody_may_not_act_on_the_sites_own_jobs(tally):
    own = tally.enqueue(owner=None, rows=3)

    with pytest.raises(Job.DoesNotExist):
        interventions.cancel(own.pk, AnonymousUser())


def test_an_attempt_begins_with_nothing_of_the_one_before(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    failed = Outcome(State.RETRYING, {"error": "away", "traceback": "line 1"})
    jobs.settle(jobs.claim("reports", "w1"), failed, {"current": 3.0})

    claimed = jobs.claim("reports", "w2")

    assert (claimed.progress, claimed.error, claimed.traceback) == (None, "", "")


def test_an_attempt_is_too_late_when_its_own_limit_is_over(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    Job.objects.update(time_limit=7.0)

    claimed = jobs.claim("reports", "w1")

    assert claimed.deadline - claimed.started_at == timedelta(seconds=7)


def test_a_job_that_was_asked_to_stop_and_is_lost_is_cancelled(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    for _ in range(2):
        asked = interventions.cancel(claimed.pk, alice)

    asked.max_attempts = 1  # which would be a failure
    lost = interventions.lose(asked, "reconciler")

    assert (lost.state, lost.error) == (State.CANCELLED, "")
    assert lost.finished_at is not None


def test_a_lost_jobs_queue_is_woken(tally, alice, monkeypatch):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    woken = []
    monkeypatch.setattr("tasks.wake.wake", woken.append)

    interventions.lose(claimed, "w1")

    assert woken == ["reports"]


def test_who_cancels_is_named_in_the_timeline_in_what_fits(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    interventions.cancel(claimed.pk, "x" * 200)
    jobs.settle(claimed, outcomes.CANCELLED)

    steps = Step.objects.values_list("name", "by")
    assert list(steps) == [
        ("queued", "alice"),
        ("started", "w1"),
        ("cancel_requested", "x" * 150),
        ("cancelled", "w1"),
    ]
    assert Job.objects.get().finished_at is not None

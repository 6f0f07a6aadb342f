"""How a job is enqueued, claimed and settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from tasks import interventions, jobs, outcomes, rows
from tasks.errors import InvalidArguments, LeaseLost
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
from tests.integration.jobs import expire, told

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_beat_of_a_stale_attempt_is_refused(tally, alice):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    jobs.settle(claimed, Outcome(State.FAILED))

    with pytest.raises(LeaseLost):
        jobs.beat(claimed, {"current": 1.0})
    assert jobs.look([claimed.token]) == jobs.renew([claimed.token]) == {}


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

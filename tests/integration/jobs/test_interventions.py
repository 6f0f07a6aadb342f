"""What others do to a job: cancel it, and take it from who has lost it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from tasks import interventions, jobs, outcomes
from tasks.models import Job, Step
from tasks.outcomes import Outcome
from tasks.states import State
from tests.integration.jobs import expire, told

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_retry_is_due_by_the_databases_clock(tally, alice, monkeypatch):
    tally.enqueue(owner=alice, rows=3)
    claimed = jobs.claim("reports", "w1")
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)

    settled = jobs.settle(claimed, Outcome(State.RETRYING, {"error": "away"}, wait_seconds=0))

    assert settled.run_after < tomorrow - timedelta(hours=12)

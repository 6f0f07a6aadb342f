"""Transactions that were committed by a server that did not live to say so."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks import interventions, jobs, transient
from tasks import job as jobs_of
from tasks.errors import LeaseLost
from tasks.job import Run
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
from tests.integration.appended import types

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job(queue="reports", max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


@pytest.fixture
def next_commit(monkeypatch):
    """Have the next commit fail, before or after the database has made it."""
    commit = BaseDatabaseWrapper._commit

    def fail(*, is_made: bool) -> None:
        def failing(wrapper):
            monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit)
            if is_made:
                commit(wrapper)
            message = "server closed the connection unexpectedly"
            raise OperationalError(message)

        monkeypatch.setattr(BaseDatabaseWrapper, "_commit", failing)

    return fail


@pytest.fixture
def woken(monkeypatch):
    """Which queues were woken."""
    found = []
    monkeypatch.setattr("tasks.wake.wake", found.append)
    return found


@pytest.mark.parametrize("is_made", [True, False], ids=["made", "not made"])
def test_a_job_is_recorded_and_told_once(tally, alice, next_commit, woken, is_made):
    next_commit(is_made=is_made)

    enqueued = tally.enqueue(owner=alice)

    assert [job.pk for job in Job.objects.all()] == [enqueued.pk]
    assert types() == ["job.queued"]
    assert woken == ["reports"]


@pytest.mark.parametrize("is_made", [True, False], ids=["made", "not made"])
def test_one_claim_takes_one_job(tally, alice, next_commit, is_made):
    first, second = (tally.enqueue(owner=alice) for _ in range(2))
    next_commit(is_made=is_made)

    claimed = jobs.claim("reports", "w1")

    states = dict(Job.objects.values_list("pk", "state"))
    assert states == {first.pk: State.RUNNING, second.pk: State.QUEUED}
    assert (claimed.pk, claimed.attempt) == (first.pk, 1)
    assert types().count("job.started") == 1
    # The attempt that was given out is the one that may settle the job.
    assert jobs.settle(claimed, Outcome(State.SUCCEEDED)).state == State.SUCCEEDED


def test_an_attempts_end_that_was_committed_unheard_stays_and_is_told_once(
    tally, alice, next_commit
):
    tally.enqueue(owner=alice)
    claimed = jobs.claim("reports", "w1")
    next_commit(is_made=True)

    settled = jobs.settle(claimed, Outcome(State.SUCCEEDED))

    assert settled.state == Job.objects.get().state == State.SUCCEEDED
    assert types().count("job.succeeded") == 1


def test_a_callers_own_transaction_is_not_begun_again(tally, alice, next_commit):
    next_commit(is_made=False)

    with pytest.raises(OperationalError), transaction.atomic():
        tally.enqueue(owner=alice)

    assert not connection.in_atomic_block
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "take",
    [interventions.lose, interventions.time_out, interventions.stop],
    ids=["lost", "timed out", "stopped"],
)
def test_an_attempt_does_not_take_what_befell_its_job_meanwhile_for_its_own_end(
    tally, alice, next_commit, monkeypatch, take
):
    tally.enqueue(owner=alice)
    claimed = jobs.claim("reports", "w1")
    next_commit(is_made=False)
    between = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: take(claimed, "w1"))
    monkeypatch.setattr(transient, "time", between)

    with pytest.raises(LeaseLost):
        jobs.settle(claimed, Outcome(State.SUCCEEDED))

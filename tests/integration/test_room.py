"""How many jobs of one person may wait: who counts, and what counting costs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tasks import job as jobs_of
from tasks import rows
from tasks.errors import TooManyJobs
from tasks.job import Run, job
from tasks.models import Job
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(queue="reports")
    def tally(job: Run) -> None: ...

    return tally


def give(owner, state, count=1, queue="reports"):
    for _ in range(count):
        Job.objects.create(owner=owner, kind="tally", queue=queue, state=state)


@pytest.mark.parametrize(
    ("state", "queue", "counts"),
    [
        pytest.param(State.QUEUED, "reports", True, id="queued"),
        pytest.param(State.RETRYING, "mail", True, id="to be tried again, in another queue"),
        pytest.param(State.RUNNING, "reports", False, id="running"),
        pytest.param(State.SUCCEEDED, "reports", False, id="succeeded"),
        pytest.param(State.FAILED, "reports", False, id="failed"),
        pytest.param(State.CANCELLED, "reports", False, id="cancelled"),
        pytest.param(State.QUEUED, "", False, id="a plain Celery task"),
    ],
)
def test_only_jobs_that_wait_take_up_room(alice, tally, settings, state, queue, counts):
    settings.JOB_MAX_WAITING = 2
    give(alice, state, 2, queue)

    if counts:
        with pytest.raises(TooManyJobs):
            tally.enqueue(owner=alice)
    else:
        assert tally.enqueue(owner=alice).state == State.QUEUED


def test_the_last_place_may_be_taken_and_others_have_their_own(alice, tally, settings):
    settings.JOB_MAX_WAITING = 2
    give(User.objects.create(username="bob"), State.QUEUED, 2)

    tally.enqueue(owner=alice)
    tally.enqueue(owner=alice)

    with pytest.raises(TooManyJobs):
        tally.enqueue(owner=alice)


def test_no_more_are_counted_than_asked_for(alice):
    give(alice, State.QUEUED, 3)

    assert [rows.waiting(alice.pk, most) for most in (1, 3, 5)] == [1, 3, 3]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
def test_jobs_that_have_ended_are_not_looked_at():
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {rows._WAITING}", [1, 1000])
        plan = str(cursor.fetchall())

    assert "USING INDEX job_unfinished" in plan

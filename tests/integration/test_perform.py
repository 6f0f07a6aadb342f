"""What is left in the process when an attempt is over, however it ends."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from tasks import board, jobs, keeper, worker
from tasks import job as jobs_of
from tasks.board import Board
from tasks.errors import JobCancelled, LeaseLost, UserError
from tasks.job import Run
from tasks.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claimed(monkeypatch):
    """A job that was claimed, of a function that raises what it is told."""
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(board, "_board", Board(is_shared=True))
    errors = []

    @jobs_of.job()
    def fail(job: Run) -> None:
        for error in errors:
            raise error

    def claimed(*raised):
        errors[:] = raised
        fail.enqueue(owner=User.objects.create(username="alice"))
        return jobs.claim("default", "w1")

    yield claimed
    connection.close()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        pytest.param(None, "succeeded", id="it returns"),
        pytest.param(UserError("No."), "failed", id="it raises"),
        pytest.param(JobCancelled(), "cancelled", id="it is cancelled"),
        pytest.param(LeaseLost(), "running", id="it was taken over"),
    ],
)
def test_after_an_attempt_its_place_is_free(claimed, error, state):
    worker.perform(claimed(*[error] if error else []))

    assert Job.objects.get().state == state
    assert list(board.current().entries()) == []
    assert keeper._keeper._watches == {}


def test_a_process_that_ends_under_a_job_leaves_it_on_the_board_for_who_sees_it_die(claimed):
    job = claimed(SystemExit(1))

    with pytest.raises(SystemExit):
        worker.perform(job)

    (entry,) = board.current().entries()
    assert entry.token == job.token


def test_what_was_done_in_time_is_not_late_while_its_end_is_written(claimed, monkeypatch):
    seen = []
    settle = jobs.settle

    def look(*given):
        seen.extend(board.current().entries())
        return settle(*given)

    monkeypatch.setattr("tasks.worker.jobs.settle", look)
    job = claimed()
    job.time_limit = 0.001
    worker.perform(job)

    assert seen[0].kill_at > time.monotonic() + jobs.SETTLE_SECONDS / 2


def test_a_process_that_can_start_no_thread_leaves_the_job_to_its_lease(claimed, monkeypatch):
    def refuse(run):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(keeper, "watch", refuse)

    with pytest.raises(RuntimeError):
        worker.perform(claimed())
    assert list(board.current().entries()) == []


def test_a_transaction_that_its_caller_began_is_its_callers(claimed):
    with transaction.atomic():
        job = claimed()
        worker.perform(job)
        transaction.set_rollback(True)

    assert not Job.objects.exists()

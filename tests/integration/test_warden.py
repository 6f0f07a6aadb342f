"""What the warden does for the attempts on a board, look by look."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.utils import timezone

from tasks import interventions, jobs, warden
from tasks import job as jobs_of
from tasks.board import Board
from tasks.errors import JobCancelled, LeaseLost
from tasks.job import Run
from tasks.models import Job, Step
from tasks.warden import Processes, Warden
from tests.installation import eventually

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = float("inf")


@pytest.fixture(autouse=True)
def _patient_again():
    yield
    connection.close()  # the warden has made it impatient


@pytest.fixture
def enqueue(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job(max_attempts=2)
    def tally(job: Run) -> None: ...

    alice = User.objects.create(username="alice")
    return lambda: tally.enqueue(owner=alice)


@pytest.fixture
def begin(enqueue):
    """Claim a job of alice's, as if a process with this id ran it."""

    def begin(board, kill_at=NEVER):
        enqueue()
        job = jobs.claim("default", "w1")
        return Run(job, board.take(job.token, job.pk, kill_at))

    return begin


@pytest.fixture
def child(monkeypatch):
    """A process that only waits, in whose name attempts are put on the board."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    monkeypatch.setattr("tasks.board.os.getpid", lambda: process.pid)
    yield process
    process.kill()
    process.wait()


def pool_of(*processes):
    return Processes(lambda: [p.pid for p in processes if p.poll() is None])


def states():
    return list(Job.objects.order_by("id").values_list("state", flat=True))


def test_every_lease_on_the_board_is_renewed_by_one_statement(begin, django_assert_num_queries):
    board = Board(is_shared=False)
    for _ in range(3):
        begin(board)
    Job.objects.update(lease_until=timezone.now())
    look = Warden(board, "w1").look

    with django_assert_num_queries(1):
        look()
    with django_assert_num_queries(1):
        look()

    leases = Job.objects.values_list("lease_until", flat=True)
    assert min(leases) > timezone.now() + timedelta(seconds=20)


def test_an_idle_worker_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        Warden(Board(is_shared=False), "w1").look()


def test_a_lease_of_what_is_not_on_the_board_is_not_renewed(begin):
    board = Board(is_shared=False)
    begin(board).seat.leave()
    begin(board)
    Job.objects.update(lease_until=timezone.now())
    Warden(board, "w1").look()

    first, second = Job.objects.order_by("id")
    assert first.lease_until < second.lease_until


def test_a_cancellation_reaches_the_function_at_its_next_word(begin):
    board = Board(is_shared=False)
    run = begin(board)
    interventions.cancel(run.id, run.job.owner)
    run.progress(1)
    Warden(board, "w1").look()

    with pytest.raises(JobCancelled):
        run.progress(2)
    with pytest.raises(JobCancelled):
        run.check()


def test_an_attempt_that_was_taken_over_ends_at_its_next_word(begin):
    board = Board(is_shared=False)
    run = begin(board)
    Job.objects.update(token="another")
    Warden(board, "w1").look()

    with pytest.raises(LeaseLost):
        run.check()


def test_a_job_whose_process_died_is_tried_again_at_once(begin, child):
    board = Board(is_shared=True)
    begin(board)
    child.kill()
    child.wait()

    Warden(board, "w1", pool_of(child)).look()

    assert states() == ["retrying"]
    assert list(board.entries()) == []


def test_past_its_time_limit_a_process_is_killed_and_its_job_fails(begin, child):
    board = Board(is_shared=True)
    begin(board, time.monotonic() - 1)

    Warden(board, "w1", pool_of(child)).look()

    assert child.wait(10) == -signal.SIGKILL
    assert states() == ["failed"]
    assert Job.objects.get().error == "The job took longer than it may (1800 s)."
    assert Step.objects.last().by == "w1"


def test_who_goes_on_after_a_cancellation_is_killed_when_the_grace_is_over(begin, child, settings):
    board = Board(is_shared=True)
    run = begin(board)
    run.progress(3, 10)
    jobs.beat(run.job, run.meter.latest.as_json())
    interventions.cancel(run.id, run.job.owner)
    look = Warden(board, "w1", pool_of(child)).look
    look()
    alive = child.poll() is None
    settings.JOB_CANCEL_GRACE_SECONDS = 0
    look()
    look()

    assert alive
    assert child.wait(10) == -signal.SIGKILL
    assert states() == ["cancelled"]
    assert Job.objects.get().progress["current"] == 3.0


def test_who_goes_on_after_its_job_was_taken_over_is_killed_and_the_job_left_alone(
    begin, child, monkeypatch
):
    board = Board(is_shared=True)
    begin(board)
    Job.objects.update(token="another")
    monkeypatch.setattr(warden, "LOST_GRACE_SECONDS", 0)
    look = Warden(board, "w1", pool_of(child)).look
    look()
    look()

    assert child.wait(10) == -signal.SIGKILL
    assert states() == ["running"]


def test_a_process_that_has_gone_on_to_another_job_is_not_killed(begin, child, monkeypatch):
    board = Board(is_shared=True)
    late = begin(board, time.monotonic() - 1)
    stop, monkeypatched = os.kill, []

    def go_on_just_before(pid, number):
        if number == signal.SIGSTOP:
            late.seat.leave()
            begin(board)
        monkeypatched.append(number)
        stop(pid, number)

    monkeypatch.setattr("tasks.warden.os.kill", go_on_just_before)
    Warden(board, "w1", pool_of(child)).look()

    assert monkeypatched == [signal.SIGSTOP, signal.SIGCONT]
    assert child.poll() is None
    assert states() == ["running", "running"]


def test_a_stranger_with_the_same_number_is_never_killed(begin, child):
    board = Board(is_shared=True)
    begin(board, time.monotonic() - 1)

    Warden(board, "w1", pool_of()).look()

    assert child.poll() is None
    assert states() == ["retrying"]


def test_threads_can_be_asked_but_not_forced(begin, settings):
    settings.JOB_CANCEL_GRACE_SECONDS = 0
    board = Board(is_shared=False)
    run = begin(board, time.monotonic() - 1)
    interventions.cancel(run.id, run.job.owner)
    look = Warden(board, "w1").look
    look()
    look()

    assert states() == ["running"]
    with pytest.raises(JobCancelled):
        run.check()


def test_who_may_not_write_still_hears_who_is_to_stop(begin, monkeypatch):
    board = Board(is_shared=False)
    run = begin(board)
    interventions.cancel(run.id, run.job.owner)
    monkeypatch.setattr(jobs, "renew", refuse)
    Warden(board, "w1").look()

    with pytest.raises(JobCancelled):
        run.check()


def test_a_job_that_cannot_be_taken_yet_keeps_no_other_from_its_lease(begin, child, monkeypatch):
    board = Board(is_shared=True)
    begin(board)
    child.kill()
    child.wait()
    monkeypatch.setattr("tasks.board.os.getpid", lambda: 1)
    begin(board)
    Job.objects.update(lease_until=timezone.now())
    monkeypatch.setattr(interventions, "lose", refuse)
    Warden(board, "w1", Processes(lambda: [1])).look()

    dead, living = Job.objects.order_by("id")
    assert (dead.state, living.state) == ("running", "running")
    assert living.lease_until > timezone.now() + timedelta(seconds=20)


def refuse(*_, **__):
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError from cause


@pytest.mark.parametrize("error", [ValueError, SystemExit], ids=["an error", "an exit"])
def test_a_warden_that_stumbles_goes_on(error, monkeypatch):
    looks = []

    def look(self):
        looks.append(self)
        if len(looks) < 3:
            raise error
        time.sleep(1000)  # the thread is a daemon

    monkeypatch.setattr(warden, "LOOK_SECONDS", 0)
    monkeypatch.setattr(Warden, "look", look)
    Warden(Board(is_shared=False), "w1").start()

    eventually(lambda: len(looks) == 3)


@pytest.mark.parametrize("change", ["cancelled", "taken over"])
def test_nobody_is_killed_before_the_grace_is_over(begin, child, settings, monkeypatch, change):
    board = Board(is_shared=True)
    run = begin(board)
    if change == "cancelled":
        interventions.cancel(run.id, run.job.owner)
    else:
        Job.objects.update(token="another")
    settings.JOB_CANCEL_GRACE_SECONDS = 0.6
    monkeypatch.setattr(warden, "LOST_GRACE_SECONDS", 0.6)
    look = Warden(board, "w1", pool_of(child)).look
    look()
    look()

    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)
    time.sleep(0.6)
    look()
    assert child.wait(10) == -signal.SIGKILL


def test_who_ended_while_the_dead_were_counted_is_not_dead(begin):
    board = Board(is_shared=True)
    run = begin(board)

    def pids():
        run.seat.leave()
        return []

    Warden(board, "w1", Processes(pids)).look()

    assert states() == ["running"]


def test_who_has_left_the_pool_meanwhile_is_not_killed(begin, child):
    board = Board(is_shared=True)
    begin(board, time.monotonic() - 1)
    pools = [[child.pid], []]

    Warden(board, "w1", Processes(lambda: pools.pop(0) if pools else [])).look()

    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)


def test_whose_job_was_taken_over_fails_only_its_own_attempt(begin, child):
    board = Board(is_shared=True)
    begin(board, time.monotonic() - 1)
    Job.objects.update(token="another")

    Warden(board, "w1", pool_of(child)).look()

    assert child.wait(10) == -signal.SIGKILL
    assert states() == ["running"]
    assert list(board.entries()) == []


def test_why_a_process_was_killed_is_remembered_until_it_can_be_written(begin, child, monkeypatch):
    board = Board(is_shared=True)
    begin(board, time.monotonic() - 1)
    look = Warden(board, "w1", pool_of(child)).look
    with monkeypatch.context() as patch:
        patch.setattr(interventions.moves, "end", refuse)
        look()
    child.wait(10)
    meanwhile = states()
    look()

    assert (meanwhile, states()) == (["running"], ["failed"])
    assert Job.objects.get().error.startswith("The job took longer")


def test_a_lease_is_renewed_when_it_is_due_and_at_once_after_an_error(begin, monkeypatch):
    board = Board(is_shared=False)
    begin(board)
    look = Warden(board, "w1").look
    look()
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.update(lease_until=past)
    look()
    not_yet = Job.objects.get().lease_until
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "look", refuse)
        look()
    look()

    assert not_yet == past
    assert Job.objects.get().lease_until > past


def test_an_idle_worker_does_not_even_connect():
    connection.close()

    Warden(Board(is_shared=False), "w1").look()

    assert connection.connection is None

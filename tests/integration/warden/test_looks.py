"""What the warden sees, renews and passes on, look by look."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tasks import interventions, jobs, warden
from tasks.board import Board
from tasks.errors import JobCancelled, LeaseLost
from tasks.models import Job
from tasks.warden import Processes, Warden
from tests.installation import eventually
from tests.integration.warden import refuse, states

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_who_ended_while_the_dead_were_counted_is_not_dead(begin):
    board = Board(is_shared=True)
    run = begin(board)

    def pids():
        run.seat.leave()
        return []

    Warden(board, "w1", Processes(pids)).look()

    assert states() == ["running"]


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

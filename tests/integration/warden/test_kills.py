"""Whose process the warden ends, whose it finds dead, and what becomes of their jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tasks import interventions, jobs, warden
from tasks.board import Board
from tasks.models import Job, Step
from tasks.warden import Processes, Warden
from tests.integration.warden import pool_of, refuse, states

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert Job.objects.get().error == "The job took longer than it may (1,800 s)."
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

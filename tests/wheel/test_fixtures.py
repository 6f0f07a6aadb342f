"""The pytest plugin's fixtures, as a site's own tests use them."""

from __future__ import annotations

import subprocess
import sys
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from realtime import pool
from realtime.conf import limits
from realtime.inbox import notify
from tasks import job as jobs_of
from tasks import keeper
from tasks.errors import UserError
from tasks.job import Run, job
from tasks.states import State
from tasks.testing import redis_server
from tasks.testing.tab import open_tabs


@pytest.fixture
def count(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(queue="reports", max_attempts=2, retry_on=(OSError,))
    def count(job: Run, *, to: int) -> dict[str, int]:
        if to < 0:
            raise UserError("It counts up.")
        if to == 0:
            raise OSError
        if to == 3:
            count.enqueue(owner=job.job.owner, to=2)
        job.progress(to, to, "counted")
        return {"counted": to}

    return count


@pytest.fixture
def person():
    return User(username="alice")


def test_a_job_runs_to_its_end_within_the_tests_own_transaction(
    db, person, count, run_jobs, assert_notified
):
    person.save()
    assert connection.in_atomic_block
    queued = count.enqueue(owner=person, to=5)

    (done,) = run_jobs()

    assert (done, done.state, done.result) == (queued, State.SUCCEEDED, {"counted": 5})
    assert done.progress["message"] == "counted"
    event = assert_notified(person, "job.succeeded", kind="count", id=str(done.pk))
    assert event["job"]["progress"]["current"] == 5


def test_no_other_thread_takes_part_which_would_not_see_the_tests_own_transaction(
    db, person, monkeypatch, run_jobs
):
    monkeypatch.setattr(jobs_of, "registry", {})
    person.save()

    @job()
    def look(job: Run) -> bool:
        return job.seat is not None or bool(keeper._keeper._watches)

    look.enqueue(owner=person)

    assert [ran.result for ran in run_jobs()] == [False]


def test_what_a_job_enqueues_runs_too_and_what_fails_says_why(db, person, count, run_jobs):
    person.save()
    count.enqueue(owner=person, to=3)
    count.enqueue(owner=person, to=-1)

    ran = run_jobs()

    assert [(each.arguments["to"], each.state) for each in ran] == [
        (3, State.SUCCEEDED),
        (-1, State.FAILED),
        (2, State.SUCCEEDED),
    ]
    assert ran[1].error == "It counts up."
    assert run_jobs() == []


def test_what_is_to_be_tried_again_later_is_not_waited_for(db, person, count, run_jobs):
    person.save()
    count.enqueue(owner=person, to=0)

    (once,) = run_jobs()

    assert once.state == State.RETRYING


def test_what_is_in_somebodys_inbox_is_found_by_its_title(db, person, assert_notified):
    person.save()
    notify(person, "Lunch is ready", body="In the kitchen.")

    assert_notified(person, "notification.created", title="Lunch is ready")
    with pytest.raises(AssertionError, match="Dinner"):
        assert_notified(person, "notification.created", title="Dinner")


def test_what_nobody_was_told_is_told_with_all_that_was(
    db, person, count, run_jobs, assert_notified
):
    person.save()
    count.enqueue(owner=person, to=5)
    run_jobs()

    with pytest.raises(
        AssertionError, match=r"(?s)alice was not told of job\.failed.*job\.succeeded"
    ):
        assert_notified(person, "job.failed")
    with pytest.raises(AssertionError, match="'kind': 'other'"):
        assert_notified(person, "job.succeeded", kind="other")


def test_an_open_page_hears_what_happens_as_it_happens(person, open_tab, count, run_jobs):
    person.save()
    tab, another = open_tab(person), open_tab(person)

    count.enqueue(owner=person, to=5)
    run_jobs()

    for each in (tab, another):
        assert each.wait_for("job.succeeded", kind="count")["job"]["state"] == "succeeded"
        assert [event["type"] for event in each.events] == [
            "job.queued",
            "job.started",
            "job.succeeded",
        ]


def test_another_person_hears_nothing_of_it(person, open_tab, count, run_jobs):
    person.save()
    tab = open_tab(User.objects.create(username="bob"))
    count.enqueue(owner=person, to=5)
    run_jobs()

    with pytest.raises(AssertionError, match=r"bob heard no job\.succeeded"):
        tab.wait_for("job.succeeded", seconds=0.3)


def test_somebody_who_may_not_sign_in_has_no_page(person, open_tab):
    person.is_active = False
    person.save()

    with pytest.raises(AssertionError, match="alice may not open a page"):
        open_tab(person)


def test_when_pages_are_closed_no_connection_holds_the_tests_database(
    transactional_db, bellwire_redis, person
):
    person.save()
    together = Barrier(limits().database_threads)

    def is_closed() -> bool:
        together.wait(10)  # so that each of the threads is asked
        return connections["default"].connection is None

    with open_tabs() as open_tab:
        open_tab(person)

    asked = [pool._threads().submit(is_closed) for _ in range(together.parties)]
    assert [each.result() for each in asked] == [True] * together.parties


def test_where_no_server_can_be_found_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server.sysconfig, "get_path", lambda _: str(tmp_path))

    with pytest.raises(redis_server.NoServer, match="valkey"), redis_server.running_server():
        pass


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0", "nonsense"])
def test_a_server_that_does_not_answer_is_none(monkeypatch, url):
    monkeypatch.setenv("REDIS_URL", url)

    assert redis_server.given_server() == ""


def test_loading_the_plugin_costs_nothing():
    code = (
        "import sys, pytest; before = set(sys.modules); import tasks.testing.plugin;"
        "print({name.partition('.')[0] for name in set(sys.modules) - before})"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.strip() == "{'tasks'}"

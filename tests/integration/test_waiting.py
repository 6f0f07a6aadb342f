from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tasks import history, waiting
from tasks.models import Job
from tasks.states import State
from tests.integration.job_rows import took

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    history.forget()
    waiting.forget()
    yield
    history.forget()
    waiting.forget()


def job(owner, state=State.QUEUED, kind="reports", **columns):
    return Job.objects.create(owner=owner, state=state, kind=kind, queue="reports", **columns)


def running(owner, seconds=0.0, **columns):
    began = timezone.now() - timedelta(seconds=seconds)
    return job(owner, State.RUNNING, started_at=began, **columns)


def about(seconds):
    return pytest.approx(seconds, abs=5)  # a busy machine may take seconds over a test


def test_a_job_waits_until_the_one_that_runs_has_ended(alice):
    took(alice, 100)
    running(alice, 40)

    assert waiting.expected_wait(job(alice)) == about(60)


def test_a_job_waits_for_those_before_it_by_priority_and_then_by_age(alice):
    took(alice, 100)
    running(alice, 40)
    older, newer = job(alice), job(alice)
    urgent = job(alice, priority=5)

    waits = [waiting.expected_wait(j) for j in (urgent, older, newer)]

    assert waits == [about(60), about(160), about(260)]


def test_two_that_run_make_room_sooner(alice):
    took(alice, 100)
    running(alice, 40), running(alice, 80)
    jobs = [job(alice) for _ in range(3)]

    assert [waiting.expected_wait(j) for j in jobs] == [about(20), about(60), about(120)]


def test_how_far_the_running_job_is_counts(alice):
    took(alice, 100, 1000)
    running(alice, 60, progress={"current": 900, "total": 1000, "rate": 15.0})

    assert waiting.expected_wait(job(alice)) < 10


def test_a_job_that_is_not_due_waits_until_it_is(alice):
    took(alice, 10)
    running(alice)
    later = job(alice, run_after=timezone.now() + timedelta(hours=1))
    other = job(alice)

    assert waiting.expected_wait(later) == about(3600)
    assert waiting.expected_wait(other) == about(10)


def test_a_job_that_came_after_the_look_waits_for_all(alice):
    took(alice, 100)
    running(alice)
    waiting.expected_wait(job(alice))

    assert waiting.expected_wait(job(alice)) == about(200)


@pytest.mark.parametrize(
    ("earlier", "now", "kind"),
    [
        pytest.param(None, 0.0, "reports", id="no job of the kind has succeeded yet"),
        pytest.param(100, None, "reports", id="nothing runs"),
        pytest.param(100, 500.0, "reports", id="what runs takes longer than any before it"),
        pytest.param(100, 0.0, "images", id="nobody knows what is before it"),
    ],
)
def test_the_wait_is_unknown_where(alice, earlier, now, kind):
    if earlier:
        took(alice, earlier)
    if now is not None:
        running(alice, now)
    job(alice, kind=kind)

    assert waiting.expected_wait(job(alice)) is None


@pytest.mark.parametrize("state", [s for s in State if s not in ("queued", "retrying")])
def test_what_does_not_wait_has_no_wait(alice, state, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert waiting.expected_wait(Job(state=state, queue="reports")) is None


def test_behind_more_than_are_counted_the_wait_is_unknown(alice, monkeypatch):
    monkeypatch.setattr(waiting, "MAX_AHEAD", 3)
    took(alice, 100)
    running(alice)
    jobs = [job(alice) for _ in range(5)]

    waits = [waiting.expected_wait(j) for j in jobs]

    assert waits == [about(100), about(200), about(300), None, None]


def test_a_list_of_waiting_jobs_looks_at_their_queue_once(alice, django_assert_num_queries):
    took(alice, 100)
    running(alice)
    jobs = [job(alice) for _ in range(20)]

    with django_assert_num_queries(3):
        assert all(waiting.expected_wait(j) for j in jobs)


TWO_WAIT = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from tasks import figures, waiting
from tasks.models import Job
alice, now = User.objects.get(username="alice"), timezone.now()
began = now - timedelta(seconds=100)
mine = {"owner": alice, "kind": "mail", "queue": "mail"}
Job.objects.create(**mine, state="succeeded", started_at=began, finished_at=now)
Job.objects.create(**mine, state="running", started_at=now)
jobs = [Job.objects.create(**mine, run_after=now) for _ in range(2)]
waits = [waiting.expected_wait(job) for job in jobs]
print(*(round(wait, -1) for wait in waits))
print(figures.running_jobs(alice.pk), figures.waiting_jobs(alice.pk))
"""


def test_on_either_database_the_queue_is_read_alike(installation):
    assert installation.run(TWO_WAIT) == "100.0 200.0\n1 2"


def test_the_api_tells_of_the_wait(alice):
    took(alice, 100)
    running(alice)
    waits = job(alice)
    tab = Client()
    tab.force_login(alice)

    listed = tab.get("/api/jobs").json()["jobs"]
    alone = tab.get(f"/api/jobs/{waits.pk}").json()

    assert alone["expected_wait"] == about(100)
    assert {j["state"]: j["expected_wait"] for j in listed} == {
        "queued": about(100),
        "running": None,
        "succeeded": None,
    }


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
@pytest.mark.parametrize(
    ("sql", "values", "index"),
    [
        pytest.param(waiting._AHEAD, ["a", "2026", 1], "job_next", id="what waits"),
        pytest.param(waiting._RUNNING, ["a", 1], "job_lease", id="what runs"),
    ],
)
def test_rows_are_found_in_an_index_and_never_sorted(sql, values, index):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        plan = [row[-1] for row in cursor.fetchall()]

    assert len(plan) == 1
    assert f"USING INDEX {index}" in plan[0]

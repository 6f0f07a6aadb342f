from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from realtime import figures
from tasks import figures as of_jobs
from tasks import interventions, jobs
from tasks import job as jobs_of
from tasks.job import Run
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job(max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


def shown(tab):
    told = tab.get("/api/me").json()["figures"]
    return told["running_jobs"], told["waiting_jobs"]


def test_a_page_learns_who_i_am_and_where_to_go_on_from(wire, tab, alice, tally):
    tally.enqueue(owner=alice)

    me = tab.get("/api/me").json()

    assert me["user"] == {"id": str(alice.pk), "username": "alice"}
    assert me["position"]["topic"] == f"user:{alice.pk}"
    assert me["position"]["offset"] == 1


def test_a_stranger_is_told_nothing():
    assert Client().get("/api/me").status_code == 401


def test_every_move_of_a_job_is_in_the_figures_at_once(wire, tab, alice, tally):
    seen = [shown(tab)]
    first, second = tally.enqueue(owner=alice), tally.enqueue(owner=alice)
    seen.append(shown(tab))
    running = jobs.claim("default", "w1")
    seen.append(shown(tab))
    jobs.settle(running, Outcome(State.RETRYING))
    seen.append(shown(tab))
    interventions.cancel(second.pk, alice)
    seen.append(shown(tab))
    jobs.settle(jobs.claim("default", "w1"), Outcome(State.SUCCEEDED))
    seen.append(shown(tab))

    assert seen == [(0, 0), (0, 2), (1, 1), (0, 2), (0, 1), (0, 0)]
    assert Job.objects.get(pk=first.pk).state == State.SUCCEEDED


def test_nobody_sees_anothers_figures(wire, tab, tally):
    tally.enqueue(owner=User.objects.create_user("bob"))

    assert shown(tab) == (0, 0)


def test_figures_that_are_remembered_cost_no_query(wire, alice, django_assert_num_queries):
    figures.of(alice.pk)

    with django_assert_num_queries(0):
        figures.of(alice.pk)


def test_what_another_release_remembered_is_counted_here(wire, alice, monkeypatch):
    figures.of(alice.pk)
    monkeypatch.setattr(figures, "_counts", dict(figures._counts))
    figures.register("letters", lambda user_id: 3)

    assert figures.of(alice.pk) == {
        "letters": 3,
        "running_jobs": 0,
        "unread": 0,
        "unseen": 0,
        "waiting_jobs": 0,
    }


def test_without_redis_they_are_counted(tab, alice, tally):
    tally.enqueue(owner=alice)

    assert shown(tab) == (0, 1)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
@pytest.mark.parametrize("sql", [of_jobs._RUNNING, of_jobs._WAITING], ids=["running", "waiting"])
def test_they_are_counted_in_an_index_of_unfinished_jobs(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [1])
        assert "USING INDEX job_unfinished" in cursor.fetchall()[0][-1]

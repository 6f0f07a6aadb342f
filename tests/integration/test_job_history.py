from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tasks import history, jobs, keeper
from tasks import job as jobs_of
from tasks.job import Run
from tasks.models import Job
from tasks.progress import Meter
from tasks.states import State
from tests.integration.job_rows import took

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    history.forget()
    yield
    history.forget()


def job(owner, state, kind="reports", **columns):
    return Job.objects.create(owner=owner, state=state, kind=kind, queue="reports", **columns)


def about(seconds):
    return pytest.approx(seconds, abs=1.0)


def test_history_is_of_the_latest_that_succeeded(alice):
    took(alice, 100, 100)
    took(alice, 999, kind="images")
    job(alice, State.FAILED, started_at=timezone.now(), finished_at=timezone.now())
    took(alice, 3600, ago=7200)

    past = history.of_kind("reports")

    assert past.durations == (about(100), about(3600))
    assert history.of_kind("mail") is None


def test_of_many_only_the_latest_count(alice):
    for _ in range(history.LATEST):
        took(alice, 10)
    took(alice, 1000, ago=7200)

    assert len(history.of_kind("reports").durations) == history.LATEST
    assert history.of_kind("reports").durations[-1] == about(10)


def test_a_kinds_history_is_read_once_a_minute(alice, django_assert_num_queries):
    took(alice, 10)
    with django_assert_num_queries(1):
        first = history.of_kind("reports", now=0)
        assert history.of_kind("reports", now=59) is first
    took(alice, 20)

    assert len(history.of_kind("reports", now=61).durations) == 2


def test_that_a_kind_has_no_history_is_remembered_too(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [history.of_kind("reports") for _ in range(3)] == [None] * 3


def test_no_more_than_so_many_kinds_are_remembered(monkeypatch):
    monkeypatch.setattr(history, "MAX_KINDS", 3)
    for number in range(10):
        history.of_kind(f"kind{number}")

    assert len(history._known) <= 3


@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(None, id="none"),
        pytest.param("x", id="a text"),
        pytest.param({"total": "x"}, id="a total that is a text"),
        pytest.param({"total": None}, id="no total"),
        pytest.param({"total": -1}, id="a negative total"),
    ],
)
def test_odd_progress_of_earlier_jobs_does_no_harm(alice, progress):
    Job.objects.filter(pk=took(alice, 10).pk).update(progress=progress)

    assert history.of_kind("reports").duration() == about(10)


def test_a_job_that_begins_is_reminded_of_what_is_known_without_a_query(
    alice, django_assert_num_queries
):
    took(alice, 10)
    first, second = Meter(), Meter()
    with django_assert_num_queries(0):
        history.remind(first, "reports")
    history.tell(first, "reports")
    with django_assert_num_queries(0):
        history.remind(second, "reports")

    assert first.past is second.past is not None


def test_without_a_database_a_meter_goes_on_without_the_past(monkeypatch):
    def away(kind):
        raise OperationalError

    monkeypatch.setattr(history, "of_kind", away)
    meter = Meter()

    history.tell(meter, "reports")

    assert meter.past is None


def test_the_keeper_tells_a_job_that_runs_for_a_while_and_reminds_the_next(
    alice, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job(kind="reports")
    def tally(job: Run) -> None: ...

    took(alice, 100)
    tally.enqueue(owner=alice), tally.enqueue(owner=alice)
    first, second = Run(jobs.claim("default", "w1")), Run(jobs.claim("default", "w1"))
    watch = keeper._Watch(first)
    first.progress(1)
    watch.tick()
    before, watch.write_at = first.meter.latest.eta, 0
    watch.tick()
    first.progress(2)
    with django_assert_num_queries(0):
        keeper._Watch(second)
        second.progress(1)

    assert before is None
    assert first.meter.latest.eta == about(100)
    assert second.meter.latest.eta == about(100)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
def test_the_latest_of_a_kind_are_found_in_an_index_and_never_sorted():
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {history._LATEST}", ["reports", 50])
        [plan] = [row[-1] for row in cursor.fetchall()]

    assert "USING INDEX job_of_kind" in plan

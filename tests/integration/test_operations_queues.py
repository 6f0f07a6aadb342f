from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from realtime.operations import MAX_BYTES, Report, tell
from realtime.operations_reporter import EVERY_SECONDS, Reporter
from tasks import operations_queues
from tasks.models import Job
from tasks.operations_queues import look, report
from tasks.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("prefix")]


def job(state, queue="default", seconds=0.0, **fields):
    """Record a job that was due, or ended, so many seconds ago."""
    moment = timezone.now() - timedelta(seconds=seconds)
    ended = {"finished_at": moment} if state in ("succeeded", "failed", "cancelled") else {}
    return Job.objects.create(
        kind="report", queue=queue, state=State(state), run_after=moment, **{**ended, **fields}
    )


def queue(name="default"):
    return next(each for each in look()["queues"] if each["queue"] == name)


def test_an_idle_queue_says_so():
    assert queue("mail") == {
        "queue": "mail",
        "waiting": 0,
        "later": 0,
        "retrying": 0,
        "running": 0,
        "at_least": False,
        "oldest_seconds": None,
        "pace_per_minute": 0.0,
        "failed_per_hour": 0.0,
    }


def test_a_queue_is_counted_by_what_its_jobs_are():
    job("queued", seconds=90)
    job("queued", seconds=5)
    job("queued", seconds=-600)
    job("retrying", seconds=-30)
    job("running")
    job("queued", queue="mail")

    told = queue()

    counts = [told[name] for name in ("waiting", "later", "retrying", "running")]
    assert counts == [2, 1, 1, 1]
    assert 90 <= told["oldest_seconds"] < 120
    assert queue("mail")["waiting"] == 1


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_how_long_a_job_has_waited_does_not_depend_on_the_site_s_time_zone(settings, zone):
    settings.TIME_ZONE = zone
    job("queued", seconds=90)

    assert 90 <= queue()["oldest_seconds"] < 120


def test_what_waits_for_its_time_has_not_waited_long():
    job("queued", seconds=-600)

    assert queue()["oldest_seconds"] is None


def test_pace_and_failures_are_of_what_ended():
    for _ in range(3):
        job("succeeded", seconds=10)
    job("failed", seconds=20)
    job("failed", seconds=600)
    job("succeeded", seconds=4000)

    told = queue()

    assert (told["pace_per_minute"], told["failed_per_hour"]) == (4.0, 2.0)


def test_of_many_that_ended_the_newest_give_the_pace(monkeypatch):
    monkeypatch.setattr(operations_queues, "MAX_ENDED", 4)
    for number in range(8):
        job("failed", seconds=number * 5)

    told = queue()

    assert told["pace_per_minute"] == pytest.approx(4 * 60 / 15, rel=0.2)
    assert told["failed_per_hour"] == pytest.approx(4 * 3600 / 15, rel=0.2)


def test_a_long_queue_is_counted_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(operations_queues, "MAX_COUNTED", 3)
    for _ in range(5):
        job("queued")

    assert (queue()["waiting"], queue()["at_least"]) == (3, True)


def test_the_newest_failures_are_told_in_short():
    old = job("failed", seconds=30, error="It was too large.")
    new = job("failed", seconds=10, error="ä" * 1_000)
    job("succeeded")

    failures = look()["failures"]

    assert [each["job"] for each in failures] == [str(new.pk), str(old.pk)]
    assert failures[0]["error"] == "ä" * 60
    assert failures[1] | {"at": ""} == {
        "job": str(old.pk),
        "kind": "report",
        "error": "It was too large.",
        "at": "",
    }


def test_the_longest_report_is_told(settings):
    settings.JOB_QUEUES = tuple(f"{number:02}{'q' * 58}" for number in range(50))
    for _ in range(20):
        Job.objects.create(
            kind="k" * 60, queue="mail", state="failed", finished_at=timezone.now(), error="é" * 500
        )

    [told] = report()

    assert len(told.body["queues"]) == 20
    assert tell(told), f"more than {MAX_BYTES}"


def test_a_look_is_five_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        look()


def test_of_two_reconcilers_one_looks():
    assert [len(report()) for _ in range(2)] == [1, 0]


def test_a_turn_is_over_before_the_next_look(redis, prefix):
    report()

    assert 0 < redis.pttl(f"{prefix}:ops:turn") < EVERY_SECONDS * 1000


def test_without_redis_the_database_is_not_asked(settings, django_assert_num_queries):
    settings.REDIS_URL = "unix:///nonexistent/redis.sock?db=0"

    with django_assert_num_queries(0):
        assert report() == []


# The API ------------------------------------------------------------------------------------


@pytest.fixture
def staff():
    client = Client()
    client.force_login(User.objects.create_user("carol", is_staff=True))
    return client


def test_staff_are_told_how_everything_is(staff):
    tell(Report("web:h/web1", "ops.web", {"process": "h/web1", "sockets": 3}))
    tell(
        Report("worker:w@h", "ops.worker", {"worker": "w@h", "running": []}, frozenset({"running"}))
    )
    Reporter(report).tell()
    failed = job("failed", error="No.")

    told = staff.get("/api/ops").json()

    [web], [worker] = told["web"], told["workers"]
    assert (web["process"], web["sockets"], web["stale"]) == ("h/web1", 3, False)
    assert (worker["worker"], worker["running"]) == ("w@h", [])
    assert [each["job"] for each in told["failures"]] == [str(failed.pk)]
    assert {each["queue"] for each in told["queues"]} >= {"default", "mail"}
    assert set(told["history"]) == {"web:h/web1", "worker:w@h", "queues"}
    assert told["history"]["web:h/web1"][0]["sockets"] == 3
    assert told["history"]["queues"][0]["queues"][0]["queue"] == "default"
    assert "failures" not in told["history"]["queues"][0]
    assert told["position"]["topic"] == "ops:all"
    assert {"name", "kind", "next_run", "last_slot", "problem"} <= set(told["schedules"][0])


def test_without_redis_the_queues_are_told_all_the_same(staff, settings):
    settings.REDIS_URL = "unix:///nonexistent/redis.sock?db=0"
    job("queued")

    told = staff.get("/api/ops").json()

    assert (told["web"], told["workers"], told["history"]) == ([], [], {})
    assert next(each for each in told["queues"] if each["queue"] == "default")["waiting"] == 1


@pytest.mark.parametrize(("username", "status"), [("", 401), ("alice", 403)])
def test_nobody_else_is_told(username, status):
    client = Client()
    if username:
        client.force_login(User.objects.create_user(username))

    assert client.get("/api/ops").status_code == status


# Both databases -----------------------------------------------------------------------------

_LOOK = """
from django.utils import timezone
from tasks.models import Job
from tasks.operations_queues import look
moment = timezone.now()
for state in ("queued", "retrying", "running", "failed"):
    ended = {"finished_at": moment} if state == "failed" else {}
    Job.objects.create(kind="report", queue="default", state=state, run_after=moment, **ended)
told = look()
figures = next(each for each in told["queues"] if each["queue"] == "default")
print(*(figures[name] for name in ("waiting", "retrying", "running", "failed_per_hour")))
assert 0 <= figures["oldest_seconds"] < 60, figures
assert len(told["failures"]) == 1
"""


def test_each_database_gives_the_same_figures(installation):
    assert installation.run(_LOOK) == "1 1 1 1.0"

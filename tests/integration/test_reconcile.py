from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.utils import timezone

from tasks import job as jobs_of
from tasks import jobs, reconcile, transient, warden
from tasks.job import Run
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.reconcile import Found
from tasks.states import State
from tests.installation import eventually

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(reconcile, "GRACE_SECONDS", 0)

    @jobs_of.job(queue="reports", max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


@pytest.fixture
def enqueue(tally):
    alice = User.objects.create(username="alice")
    return lambda: tally.enqueue(owner=alice)


@pytest.fixture
def woken(monkeypatch):
    """Which queues were woken, and how often."""
    found = {}
    monkeypatch.setattr(reconcile, "wake", found.__setitem__)
    return found


def age(**changes):
    Job.objects.update(**changes)


def test_a_queue_whose_jobs_nobody_claims_is_woken_for_each(enqueue, woken):
    for _ in range(3):
        enqueue()
    age(run_after=timezone.now() - LONG_AGO)

    assert reconcile.reconcile() == Found(woken=3)
    assert woken == {"reports": 3}


def test_a_job_that_was_just_recorded_has_its_own_message_on_the_way(enqueue, woken):
    enqueue()

    assert reconcile.reconcile() == Found()


def test_a_job_from_a_server_whose_clock_is_ahead_is_not_forgotten(enqueue, woken):
    enqueue()
    tomorrow = timezone.now() + timedelta(days=1)
    age(run_after=tomorrow, queued_at=tomorrow)

    assert reconcile.reconcile() == Found(woken=1)


def test_messages_that_still_wait_are_not_sent_again(enqueue, woken, redis_server, settings):
    settings.REDIS_URL = redis_server.url
    key = f"{current_app.conf.broker_transport_options['global_keyprefix']}reports"
    for _ in range(3):
        enqueue()
    age(run_after=timezone.now() - LONG_AGO)

    with redis_server.client() as redis:
        redis.rpush(key, "a message", "another")
        reconcile.reconcile()
        redis.delete(key)

    assert woken == {"reports": 1}


def test_a_retry_wakes_its_queue_when_its_time_has_come(enqueue, woken):
    enqueue()
    claimed = jobs.claim("reports", "w1")
    later = timezone.now() + timedelta(minutes=1)
    jobs.settle(claimed, Outcome(State.RETRYING, {"run_after": later}))
    assert reconcile.reconcile() == Found()

    age(run_after=timezone.now())

    assert reconcile.reconcile() == Found(woken=1)


def test_a_job_whose_lease_is_over_is_taken_from_its_worker(enqueue, woken):
    enqueue()
    jobs.claim("reports", "w1")
    age(lease_until=timezone.now() - LONG_AGO)

    assert reconcile.take_lost() == 1
    assert Job.objects.get().state == State.RETRYING
    assert reconcile.take_lost() == 0


def test_a_job_whose_lease_holds_is_left_alone(enqueue, woken):
    enqueue()
    jobs.claim("reports", "w1")

    assert reconcile.take_lost() == 0
    assert Job.objects.get().state == State.RUNNING


def test_a_lease_that_is_renewed_once_the_lock_is_free_was_not_lost(enqueue, woken, monkeypatch):
    enqueue()
    claimed = jobs.claim("reports", "w1")
    age(lease_until=timezone.now() - LONG_AGO)
    monkeypatch.setattr(reconcile, "_let_wardens_write", lambda: jobs.renew([claimed.token]))

    assert reconcile.take_lost() == 0
    assert Job.objects.get().state == State.RUNNING


def test_a_retry_is_not_forgotten_by_a_machine_whose_clock_is_behind(enqueue, woken, monkeypatch):
    enqueue()
    now = timezone.now()
    jobs.settle(jobs.claim("reports", "w1"), Outcome(State.RETRYING, {"run_after": now}))
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=1))

    assert reconcile.reconcile() == Found(woken=1)


RENEWED_MEANWHILE = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from tasks import jobs, reconcile
from tasks.job import enqueue
from tasks.models import Job
enqueue("nothing", User.objects.first(), {})
claimed = jobs.claim("default", "w1")
Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
reconcile.time.sleep = lambda seconds: jobs.renew([claimed.token])
print(reconcile.take_lost(), Job.objects.get().state)
"""


def test_a_lease_that_is_renewed_once_the_database_is_back_was_not_lost(installation):
    assert installation.run(RENEWED_MEANWHILE) == "0 running"


def test_a_warden_and_an_attempts_end_get_more_than_one_try_before_a_job_is_lost():
    assert warden.LOOK_SECONDS * 2 < reconcile.GRACE_SECONDS
    assert transient.MAX_PAUSE_SECONDS * 2 < reconcile.GRACE_SECONDS


def test_many_reconcilers_take_a_lost_job_once(on_sqlite):
    on_sqlite.run(
        "from django.contrib.auth.models import User\n"
        "from django.utils import timezone\n"
        "from tasks import jobs\nfrom tasks.job import enqueue\nfrom tasks.models import Job\n"
        "enqueue('die_once', User.objects.first(), {})\n"
        "jobs.claim('default', 'w1')\n"
        "Job.objects.update(lease_until=timezone.now())"
    )
    for _ in range(3):
        on_sqlite.start_module("django", "reconcile", "--every", "0.2")

    eventually(lambda: on_sqlite.rows("SELECT state FROM tasks_job") == [("retrying",)])
    look = "SELECT count(*) FROM realtime_event WHERE data LIKE '%job.retrying%'"
    assert on_sqlite.rows(look) == [(1,)]


def test_a_reconciler_ends_when_it_is_told_to(on_sqlite):
    reconciler = on_sqlite.start_module("django", "reconcile", "--every", "60")
    on_sqlite.run("pass")

    reconciler.terminate()

    assert reconciler.wait(timeout=30) in (0, -15)


def test_a_late_job_whose_end_is_written_once_the_database_is_back_has_not_failed(
    enqueue, woken, monkeypatch
):
    enqueue()
    claimed = jobs.claim("reports", "w1")
    age(deadline=timezone.now() - LONG_AGO)
    end = Outcome(State.SUCCEEDED)
    monkeypatch.setattr(reconcile, "_let_wardens_write", lambda: jobs.settle(claimed, end))

    assert reconcile.time_out_late() == 0
    assert Job.objects.get().state == State.SUCCEEDED


@pytest.mark.parametrize(
    ("seconds", "is_late"),
    [
        pytest.param(60, False, id="in time"),
        pytest.param(-3, False, id="late, and left to its worker"),
        pytest.param(-8, True, id="late, and nobody has stopped it"),
    ],
)
def test_a_job_that_nobody_stops_at_its_time_limit_fails(enqueue, woken, seconds, is_late):
    enqueue()
    jobs.claim("reports", "w1")
    age(deadline=timezone.now() + timedelta(seconds=seconds))

    assert reconcile.reconcile() == Found(late=int(is_late))
    assert Job.objects.get().state == (State.FAILED if is_late else State.RUNNING)


def test_the_next_look_is_when_the_next_job_falls_due(enqueue):
    none = reconcile.seconds_to_next_due(9)
    for seconds in (4, 2, 60):
        enqueue()
        last = Job.objects.order_by("id").last()
        due = timezone.now() + timedelta(seconds=seconds)
        Job.objects.filter(pk=last.pk).update(run_after=due)

    assert none == 9
    assert 0 < reconcile.seconds_to_next_due(9) <= 2
    assert reconcile.seconds_to_next_due(1) == 1


def test_one_look_wakes_a_queue_so_often_and_no_more(enqueue, woken, monkeypatch):
    monkeypatch.setattr(reconcile, "MAX_WAKES", 2)
    for _ in range(3):
        enqueue()
    age(run_after=timezone.now() - LONG_AGO)

    assert reconcile.reconcile() == Found(woken=2)


def test_what_was_renewed_after_it_was_found_is_not_lost(enqueue, woken, monkeypatch):
    enqueue()
    claimed = jobs.claim("reports", "w1")
    monkeypatch.setattr(reconcile, "_expired", lambda: [claimed])

    assert reconcile.take_lost() == 0


def test_while_no_lease_is_over_nobody_waits(enqueue, woken, monkeypatch):
    enqueue()
    jobs.claim("reports", "w1")
    waits = []
    monkeypatch.setattr(reconcile, "_let_wardens_write", lambda: waits.append(True))
    reconcile.reconcile()

    assert waits == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's one lock")
def test_on_sqlite_wardens_are_given_time_once_somebody_could_write(transactional_db):
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection.cursor().execute("PRAGMA busy_timeout = 50")
        with pytest.raises(OperationalError):
            reconcile._let_wardens_write()
    connection.close()

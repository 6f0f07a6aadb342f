"""Jobs that are taken from workers which are gone, or which take too long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tasks import jobs, reconcile, transient, warden
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.reconcile import Found
from tasks.states import State
from tests.installation import eventually
from tests.integration.reconcile import LONG_AGO, age

pytestmark = pytest.mark.django_db(transaction=True)


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

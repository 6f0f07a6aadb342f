"""Rows of jobs that somebody holds for long, on PostgreSQL: everything else goes on."""

from __future__ import annotations

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.postgres

#: Two jobs that run, and a second connection that can hold their rows.
STAGE = """
import os, time
import psycopg
from datetime import timedelta
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from tasks import interventions, jobs, reconcile
from tasks.job import find
from tasks.models import File, Job
reconcile.GRACE_SECONDS = 0
alice = User.objects.get(username="alice")
def begin():
    find("die_once").enqueue(owner=alice)
    return jobs.claim("default", "w1")
held, free = begin(), begin()
Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
holder = psycopg.connect(os.environ["DATABASE_URL"])
def hold(sql):
    holder.execute(sql, [held.pk])
def renewed():
    leases = dict(Job.objects.values_list("pk", "lease_until"))
    return [leases[job.pk] > timezone.now() for job in (held, free)]
"""
HOLD = 'hold("SELECT id FROM tasks_job WHERE id = %s FOR UPDATE")\n'
#: As a function's own open transaction does that has written a file of its job.
REFER = 'hold("SELECT id FROM tasks_job WHERE id = %s FOR KEY SHARE")\n'


def test_one_row_that_is_held_costs_no_other_its_lease(on_postgres: Installation) -> None:
    said = on_postgres.run(
        STAGE + HOLD + "from tasks.patience import impatient\nconnection.close()\n"
        "with impatient(): told = jobs.renew([held.token, free.token])\n"
        "print(told == {held.token: False, free.token: False}, *renewed())"
    )

    assert said == "True False True"


def test_a_job_whose_function_has_written_a_file_keeps_its_lease(on_postgres: Installation) -> None:
    said = on_postgres.run(
        STAGE + REFER + "jobs.renew([held.token, free.token])\nprint(*renewed())"
    )

    assert said == "True True"


def test_a_job_whose_function_has_written_a_file_is_cancelled_at_once(
    on_postgres: Installation,
) -> None:
    said = on_postgres.run(
        STAGE + REFER + "connection.cursor().execute(\"SET lock_timeout = '2s'\")\n"
        "asked = interventions.cancel(held.pk, alice)\nprint(asked.cancel_requested_at is not None)"
    )

    assert said == "True"


def test_a_reconciler_passes_over_a_row_that_is_held(on_postgres: Installation) -> None:
    said = on_postgres.run(
        STAGE + "connection.close()\n" + HOLD + "print(reconcile.reconcile().lost)\n"
        "holder.rollback()\nprint(reconcile.reconcile().lost)",
        seconds=30,
    )

    assert said.splitlines()[-1] == "1"
    assert [line for line in said.splitlines() if line.isdigit()] == ["1", "1"]


def test_a_warden_passes_over_a_row_that_is_held(on_postgres: Installation) -> None:
    said = on_postgres.run(
        STAGE + "from tasks.board import Board\nfrom tasks.warden import Processes, Warden\n"
        "board = Board(is_shared=True)\n"
        "for job in (held, free): board.take(job.token, job.pk, time.monotonic() + 99)\n"
        "connection.close()\n" + HOLD + "pids = []\nlook = Warden(board, 'w1', "
        "Processes(lambda: pids)).look\nlook()\nholder.rollback()\nlook()\n"
        "print(*Job.objects.values_list('state', flat=True))",
        seconds=30,
    )

    assert said.splitlines()[-1] == "retrying retrying"

"""What a job's function leaves behind in its process, and the next job finds there."""

from __future__ import annotations

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.slow

#: Runs a job whose function is given, then another one, as one process of a worker does.
RUN_TWO = """
import contextlib, threading, time
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from tasks import jobs
from tasks.job import job
from tasks.models import Job
from tasks.worker import perform
SLOW = {
    "postgresql": "SELECT pg_sleep(5)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT max(i) FROM (SELECT i FROM n LIMIT 20000000)",
}[connection.vendor]
def ask():
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
        cursor.fetchall()
commit = BaseDatabaseWrapper.commit
def commit_slowly(self):
    if threading.current_thread() is threading.main_thread():
        Wrapper.commit = commit
        time.sleep(5)
    commit(self)
Wrapper = BaseDatabaseWrapper

@job(soft_time_limit=0.5)
def first(job):
    {first}

@job()
def second(job):
    return Group.objects.count()

alice = User.objects.get(username="alice")
ids = [function.enqueue(owner=alice).pk for function in (first, second)]
for _ in ids:
    perform(jobs.claim("default", "w1"))
connection.close()
for pk in ids:
    job = Job.objects.get(pk=pk)
    print(job.state, job.error or job.result)
"""
LATE = "failed The job took longer than it may (0.5 s)."


@pytest.mark.parametrize(
    ("function", "told"),
    [
        pytest.param("ask()", [LATE, "succeeded 0"], id="inside a query"),
        pytest.param(
            "with transaction.atomic(): ask()", [LATE, "succeeded 0"], id="in a transaction"
        ),
        pytest.param(
            "with contextlib.suppress(SoftTimeLimitExceeded): ask()",
            ["succeeded None", "succeeded 0"],
            id="inside a query, unheard",
        ),
        pytest.param(
            "Wrapper.commit = commit_slowly\n"
            "    with transaction.atomic(): Group.objects.create(name='g')",
            [None, None],  # Django's own error hides it
            id="inside a commit",
        ),
        pytest.param(
            "transaction.set_autocommit(False); Group.objects.create(name='g')",
            ["succeeded None", "succeeded 0"],
            id="never, but it left a transaction open",
        ),
        pytest.param(
            "transaction.atomic().__enter__(); Group.objects.create(name='g')",
            ["succeeded None", "succeeded 0"],
            id="never, but it left a block open",
        ),
        pytest.param(
            "connection.cursor().execute('BEGIN'); Group.objects.create(name='g')",
            ["succeeded None", "succeeded 0"],
            id="never, but it began by hand",
        ),
    ],
)
def test_where_the_soft_limit_strikes_harms_neither_this_job_nor_the_next(
    installation: Installation, function: str, told: list[str | None]
) -> None:
    said = installation.run(RUN_TWO.replace("{first}", function)).splitlines()[-2:]

    assert [line for line, want in zip(said, told, strict=True) if want and line != want] == []
    assert [line.split()[0] for line in said][1] == "succeeded"
    assert said[0].startswith(("failed", "succeeded"))

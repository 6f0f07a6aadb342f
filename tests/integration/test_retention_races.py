"""Deletion beside jobs that are recorded at the same moment, on both databases."""

from __future__ import annotations

import pytest

SETUP = """
import threading, time
from django.contrib.auth.models import User
from django.db import connection, transaction
from tasks import files, retention
from tasks.job import enqueue
from tasks.models import File, Job
alice = User.objects.get(username="alice")
upload = files.save_upload(alice.pk, "a.csv", "text/csv", [b"a"])
told = {}

def take():
    enqueue("reports", alice, {"file": str(upload.pk)})

def aside(name, verb):
    def run():
        try:
            told[name] = verb()
        except Exception as error:
            told[name] = repr(error)
        connection.close()
    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.5)  # until it waits for what this thread holds, or is done
    return thread

def tell():
    print(told, File.objects.count(), [job.inputs.count() for job in Job.objects.all()])
"""

TAKEN_FIRST = """
with transaction.atomic():
    take()
    thread = aside("removed", lambda: files.remove_unused([upload.pk]))
thread.join()
tell()
"""

DELETED_FIRST = """
with transaction.atomic():
    files.remove_unused([upload.pk])
    thread = aside("taken", take)
thread.join()
tell()
"""

LINKED_BY_TWO = """
from tasks import inputs

def link():
    with transaction.atomic():
        inputs.link(Job.objects.create(owner=alice, kind="reports"), {"file": upload.pk})

with transaction.atomic():
    link()
    thread = aside("linked", link)
    thread.join(2)
    print(told)
thread.join()
"""

PRUNED_WHILE_TAKEN = """
from datetime import timedelta
from django.utils import timezone
take()
Job.objects.update(state="succeeded", finished_at=timezone.now() - timedelta(days=40))
with transaction.atomic():
    take()
    thread = aside("pruned", lambda: retention.prune_jobs(timezone.now()))
thread.join()
tell()
"""


def test_an_upload_that_a_job_takes_at_this_moment_stays(installation):
    assert installation.run(SETUP + TAKEN_FIRST) == "{'removed': 0} 1 [1]"


def test_a_job_that_comes_too_late_for_its_upload_is_recorded_without_it(installation):
    assert installation.run(SETUP + DELETED_FIRST) == "{'taken': None} 0 [0]"


@pytest.mark.postgres
def test_jobs_that_take_one_upload_do_not_wait_for_one_another(on_postgres):
    assert on_postgres.run(SETUP + LINKED_BY_TWO) == "{'linked': None}"


def test_an_upload_outlives_the_job_that_is_pruned_while_another_takes_it(installation):
    assert installation.run(SETUP + PRUNED_WHILE_TAKEN) == "{'pruned': 1} 1 [1]"

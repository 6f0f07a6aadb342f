"""Real Celery workers, a real Redis and a database that several processes share."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.installation import eventually

ENQUEUE = """
import sys
from django.contrib.auth.models import User
from tasks.job import enqueue
alice = User.objects.get(username="alice")
for arguments in sys.argv[2:] or ["{}"]:
    print(enqueue(sys.argv[1], alice, __import__("json").loads(arguments)).pk)
"""


def look(installation):
    """Give every job by its id: state, attempt, error, and result and progress as JSON."""
    names = "state", "attempt", "error", "result", "progress"
    found = {}
    for pk, *values in installation.rows(
        "SELECT id, state, attempt, error, result, progress FROM tasks_job"
    ):
        job = dict(zip(names, values, strict=True))
        for name in ("result", "progress"):
            job[name] = json.loads(job[name]) if isinstance(job[name], str) else job[name]
        found[str(uuid.UUID(str(pk)))] = job
    return found


def final(installation):
    """Give every job once all have ended."""
    jobs = look(installation)
    ended = all(job["state"] in ("succeeded", "failed", "cancelled") for job in jobs.values())
    return jobs if ended else None


def told(installation):
    rows = installation.rows("SELECT data FROM realtime_event ORDER BY id")
    return [json.loads(data)["type"] for (data,) in rows]


def test_a_worker_runs_what_is_enqueued_and_tells_of_it(installation):
    installation.start_worker()
    job_id = installation.run(ENQUEUE, "echo", '{"word": "hej"}')

    job = eventually(lambda: final(installation))[job_id]

    assert (job["state"], job["attempt"]) == ("succeeded", 1)
    assert job["result"] == {"word": "hej"}
    assert job["progress"]["message"] == "hej"
    assert told(installation) == ["job.queued", "job.started", "job.succeeded"]


def test_how_a_function_ends_is_how_its_job_ends(on_sqlite):
    on_sqlite.env["JOB_SOFT_LIMIT_SECONDS"] = "1"
    on_sqlite.start_worker()
    kinds = "nothing", "refuse", "overwork"
    ids = [on_sqlite.run(ENQUEUE, kind) for kind in kinds]

    jobs = eventually(lambda: final(on_sqlite))

    assert [(jobs[pk]["state"], jobs[pk]["error"]) for pk in ids] == [
        ("succeeded", ""),
        ("failed", "The file has no columns."),
        ("failed", "The job took longer than it may (1 s)."),
    ]


def test_an_error_that_passes_is_tried_again_by_reconciler_and_worker(on_sqlite):
    on_sqlite.start_worker()
    on_sqlite.start_module("django", "reconcile", "--every", "0.3")
    on_sqlite.run(ENQUEUE, "stumble")

    (job,) = eventually(lambda: final(on_sqlite)).values()

    assert (job["state"], job["attempt"], job["result"]) == ("succeeded", 2, {"attempt": 2})


def test_a_killed_process_costs_its_job_one_attempt_and_no_wait_for_its_lease(on_sqlite):
    on_sqlite.start_worker()
    on_sqlite.run(ENQUEUE, "die_once")

    (job,) = eventually(lambda: final(on_sqlite)).values()

    assert (job["state"], job["attempt"]) == ("succeeded", 2)
    assert told(on_sqlite).count("job.retrying") == 1


def test_two_processes_share_a_queue_and_run_each_job_once(on_sqlite):
    on_sqlite.start_worker(processes=2)
    # The program that enqueues leaves after a second, whether all was sent or not.
    on_sqlite.start_module("django", "reconcile", "--every", "0.5")
    on_sqlite.run(ENQUEUE, "echo", *['{"word": "x"}'] * 60)

    jobs = eventually(lambda: final(on_sqlite))

    assert [job["attempt"] for job in jobs.values()] == [1] * 60
    assert told(on_sqlite).count("job.succeeded") == 60


CLAIM_ALL = """
import os, sys
from tasks import jobs
from tasks.outcomes import Outcome
from tasks.states import State
sys.stdin.readline()
while job := jobs.claim("default", str(os.getpid())):
    print(job.pk)
    jobs.settle(job, Outcome(State.SUCCEEDED))
"""


def test_of_racing_workers_one_claims_a_job(installation):
    installation.run(ENQUEUE, "nothing", *["{}"] * 100)
    racers = [installation.start(CLAIM_ALL) for _ in range(4)]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()

    claimed = [racer.communicate(timeout=60)[0].split() for racer in racers]

    every = [pk for some in claimed for pk in some]
    assert len(every) == len(set(every)) == 100
    assert sum(bool(some) for some in claimed) > 1


CROSS = """
import sys
from django.contrib.auth.models import User
from django.db import connection
from realtime.publish import publish
from realtime.topics import Topic
from tasks import jobs, signals, transient
from tasks.job import enqueue
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
mine, theirs = User.objects.get(username=sys.argv[1]), User.objects.get(username=sys.argv[2])
def tell_the_other(sender, job, **_):
    publish(Topic.of_user(theirs.pk), "nudge")
signals.job_finished.connect(tell_the_other)
seen = []
transient.is_transient, ask = lambda error: seen.append(error) or ask(error), transient.is_transient
for _ in range(300):
    enqueue("nothing", mine, {})
sys.stdin.readline()
for job in Job.objects.filter(owner=mine):
    Job.objects.filter(pk=job.pk).update(state="running", token="t")
    job.token = "t"
    jobs.settle(job, Outcome(State.SUCCEEDED))
print(len(seen))
"""


@pytest.mark.postgres
def test_workers_that_tell_each_others_users_never_wait_in_a_circle(on_postgres):
    workers = [on_postgres.start(CROSS, *names) for names in (("alice", "bob"), ("bob", "alice"))]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()

    outputs = [worker.communicate(timeout=90)[0].strip() for worker in workers]

    assert outputs == ["0", "0"]
    assert told(on_postgres).count("nudge") == 600

"""Who else wants the same job at the same moment: one of them gets it, and one end is told."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.ledger import all_ended, check, lives
from tests.installation import Installation, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = 1_000

#: Prepares running jobs, whose ids and tokens every racer is told.
PREPARE = """
import json, sys
from django.contrib.auth.models import User
from django.db import transaction
from tasks import jobs
from tasks.job import enqueue
alice = User.objects.get(username="alice")
with transaction.atomic():
    for _ in range(int(sys.argv[1])):
        enqueue("nothing", alice, {})
claimed = []
while job := jobs.claim("default", "w1"):
    claimed.append(str(job.pk))
print(json.dumps(claimed))
"""
RACE = """
import json, random, sys
from django.contrib.auth.models import User
from tasks import interventions, jobs
from tasks.errors import LeaseLost
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
alice = User.objects.get(username="alice")
def finish(job):
    try:
        jobs.settle(job, Outcome(State.SUCCEEDED, {"result": 1}))
    except LeaseLost:
        return False
    return True
def stop(job):
    return interventions.stop(job, "w1") is not None
def time_out(job):
    return interventions.time_out(job, "reconciler") is not None
def cancel(job):
    interventions.cancel(job.pk, alice)
    return False
act = {"finish": finish, "stop": stop, "time out": time_out, "cancel": cancel}[sys.argv[1]]
claimed = {str(job.pk): job for job in Job.objects.all()}
print("ready", flush=True)
won = [pk for pk in json.loads(sys.stdin.readline()) if act(claimed[pk])]
print(json.dumps(won))
"""


def race(site: Installation, *acts: str) -> dict[str, list[str]]:
    """Let a process for each act go through all jobs at once; tell who says to have won which."""
    claimed = site.run(PREPARE, ROUNDS)
    racers = {act: site.start(RACE, act) for act in acts}
    for racer in racers.values():
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers.values():
        assert racer.stdin is not None
        racer.stdin.write(claimed + "\n")
        racer.stdin.flush()
    return {act: json.loads(racer.communicate(timeout=200)[0]) for act, racer in racers.items()}


def test_of_a_thousand_races_each_has_one_winner_and_one_end(installation: Installation) -> None:
    won = race(installation, "finish", "stop", "time out", "cancel")

    ended = lives(installation)
    assert len(ended) == ROUNDS
    for life in ended.values():
        check(life)
    of_state = {"finish": "succeeded", "stop": "cancelled", "time out": "failed"}
    for act, state in of_state.items():
        assert {pk for pk, life in ended.items() if life.state == state} == set(won[act])
    # A race in which one always wins is none.
    assert sum(bool(won[act]) for act in of_state) > 1


CLAIM_ALL = """
import os, sys
from tasks import jobs
from tasks.outcomes import Outcome
from tasks.states import State
print("ready", flush=True)
sys.stdin.readline()
while job := jobs.claim("default", str(os.getpid())):
    print(job.arguments["word"], job.priority)
    jobs.settle(job, Outcome(State.SUCCEEDED))
"""
ENQUEUE_IN_ORDER = """
from django.contrib.auth.models import User
from django.db import transaction
from tasks.job import find
alice = User.objects.get(username="alice")
with transaction.atomic():
    for n in range(200):
        find("echo").configure(priority=n % 3).enqueue(owner=alice, word=f"{n:03}")
"""


def test_four_processes_claim_by_priority_and_then_in_order(installation: Installation) -> None:
    installation.run(ENQUEUE_IN_ORDER)
    racers = [installation.start(CLAIM_ALL) for _ in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()

    claimed = [racer.communicate(timeout=60)[0].splitlines() for racer in racers]

    every = [line for lines in claimed for line in lines]
    assert len(every) == len(set(every)) == 200
    assert sum(bool(lines) for lines in claimed) > 1
    for lines in claimed:
        places = [(-int(priority), word) for word, priority in map(str.split, lines)]
        assert places == sorted(places)


SAME_MESSAGE = """
from django.contrib.auth.models import User
from celery import current_app
from tasks.job import enqueue
from tasks.wake import TASK
enqueue("echo", User.objects.get(username="alice"), {"word": "once"})
for _ in range(5):
    current_app.send_task(TASK, ("default",), queue="default", task_id="the-same")
"""


def test_a_message_that_is_delivered_five_times_has_one_effect(on_sqlite: Installation) -> None:
    on_sqlite.start_worker(processes=2)
    on_sqlite.run("import project.celery\n" + SAME_MESSAGE)

    (life,) = eventually(lambda: all_ended(on_sqlite)).values()

    check(life)
    assert life.steps == ["queued", "started", "succeeded"]


ENQUEUE_WITH_KEY = """
import sys
from django.contrib.auth.models import User
from django.db import connection
from tasks.errors import KeyConflict
from tasks.job import find
from threading import Barrier, Thread
alice = User.objects.get(username="alice")
together = Barrier(10)
def enqueue(*words):
    together.wait()
    for word in words:
        try:
            print(find("echo").configure(idempotency_key="k").enqueue(owner=alice, word=word).pk)
        except KeyConflict:
            print("conflict")
    connection.close()
words = [["same", "same"]] * 8 + [["other", "other"]] * 2
threads = [Thread(target=enqueue, args=pair) for pair in words]
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_a_hundred_with_one_key_are_one_job_and_who_wants_another_is_told(
    installation: Installation,
) -> None:
    first = installation.run(
        "from django.contrib.auth.models import User\nfrom tasks.job import find\n"
        "alice = User.objects.get(username='alice')\n"
        "print(find('echo').configure(idempotency_key='another').enqueue(owner=alice, word='a').pk)"
    )
    processes = [installation.start(ENQUEUE_WITH_KEY) for _ in range(5)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    said = [line for p in processes for line in p.communicate(timeout=60)[0].split()]

    assert len(said) == 100
    ids = set(said) - {"conflict"}
    assert len(ids) == 1
    assert ids | {first} == set(lives(installation))
    assert said.count("conflict") in (20, 80)

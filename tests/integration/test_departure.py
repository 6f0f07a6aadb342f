"""People who are deleted while others tell them, mark for them and end their jobs."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User

from realtime import departure, inbox, log, metrics
from realtime.models import Notification
from tests.integration.hub_stage import Count

AT_ONCE = """
import json, multiprocessing, os, random, time
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from realtime import inbox
from realtime.models import Notification
from tasks import jobs, notices
from tasks.errors import LeaseLost
from tasks.job import enqueue
from tasks.outcomes import Outcome
from tasks.states import State

notices.declare("nothing", wanted=True)
people = [User.objects.create(username=f"user{n}") for n in range(4)]
for user in people:
    for n in range(4):
        inbox.notify(user, "Before", key=f"k{n}" if n < 2 else "")
    for _ in range(3):
        enqueue("nothing", user, {})
claimed = []
while job := jobs.claim("default", "w1"):
    claimed.append(job)
connection.close()

def delete(user):
    User.objects.get(pk=user.pk).delete()

def tell(user):
    for key in ("", "k1", "new", ""):
        inbox.notify(user.pk, "Meanwhile", key=key)

def mark(user):
    mine = Notification.objects.filter(user_id=user.pk)
    for as_ in ("seen", "read", "archived"):
        inbox.mark(user.pk, as_, list(mine.values_list("pk", flat=True)))
        inbox.mark_all(user.pk, "unread")
    inbox.withdraw(user.pk, ["k0"])

def settle(user):
    for job in claimed:
        if job.owner_id == user.pk:
            try:
                jobs.settle(job, Outcome(State.SUCCEEDED))
            except LeaseLost:
                pass

def lock_out(user):
    for found in User.objects.filter(pk=user.pk):
        found.is_active = False
        try:
            found.save(force_update=True)
        except DatabaseError as error:
            if "did not affect" not in str(error):
                raise

acts = (delete, tell, mark, settle, lock_out)
start = multiprocessing.get_context("fork").Barrier(len(acts))
told = []
for act in acts:
    read, write = os.pipe()
    told.append(read)
    if os.fork() == 0:
        chance, problems = random.Random(act.__name__), []
        for user in people:
            start.wait(60)
            time.sleep(chance.random() * 0.02)
            try:
                act(user)
            except Exception as problem:
                problems.append(f"{act.__name__}: {problem!r}")
        os.write(write, json.dumps(problems).encode())
        os._exit(0)
    os.close(write)
problems = [problem for read in told for problem in json.load(open(read))]
left = User.objects.filter(pk__in=[user.pk for user in people]).count()
print(json.dumps([problems, left, Notification.objects.count()]))
"""


def test_whatever_else_is_done_for_them_all_are_gone_and_nothing_fails(installation):
    assert json.loads(installation.run(AT_ONCE)) == [[], 0, 0]


@pytest.mark.django_db
def test_who_is_gone_is_told_nothing():
    alice = User.objects.create_user("alice")
    nobody = Count(metrics.notifications.labels("nobody"))
    key = alice.pk
    alice.delete()
    before = log.position(f"user:{key}")

    inbox.notify(key, "Title")
    inbox.notify(key, "Title", key="job:7")

    assert not Notification.objects.exists()
    assert log.position(f"user:{key}") == before
    assert nobody == 2


@pytest.mark.django_db
def test_what_others_lock_first_is_locked_before_the_stream(monkeypatch):
    alice = User.objects.create_user("alice")
    monkeypatch.setattr(departure, "_locks", [])
    order = []
    departure.register(lambda user_id: order.append(("jobs", user_id)))
    monkeypatch.setattr(log, "lock", lambda topics: order.append(("stream", list(topics))))

    key = alice.pk
    alice.delete()

    assert order == [("jobs", key), ("stream", [f"user:{key}"])]

"""Queues that are woken for jobs that nobody claims."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from tasks import jobs, reconcile
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.reconcile import Found
from tasks.states import State
from tests.integration.reconcile import LONG_AGO, age

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_retry_is_not_forgotten_by_a_machine_whose_clock_is_behind(enqueue, woken, monkeypatch):
    enqueue()
    now = timezone.now()
    jobs.settle(jobs.claim("reports", "w1"), Outcome(State.RETRYING, {"run_after": now}))
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=1))

    assert reconcile.reconcile() == Found(woken=1)


def test_a_reconciler_ends_when_it_is_told_to(on_sqlite):
    reconciler = on_sqlite.start_module("django", "reconcile", "--every", "60")
    on_sqlite.run("pass")

    reconciler.terminate()

    assert reconciler.wait(timeout=30) in (0, -15)


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

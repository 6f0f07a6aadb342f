"""Receivers that raise, meet a database in trouble, or are async."""

from __future__ import annotations

import logging
import sqlite3

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError

from realtime.publish import publish
from realtime.topics import SITE
from tasks import jobs, signals
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
from tests.integration.appended import types
from tests.integration.signals import run_to

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_receiver_that_raises_is_named_undone_and_harms_nobody(tally, alice, connect, caplog):
    def clumsy(sender, job, **_):
        Group.objects.create(name="half done")
        publish(SITE, "half.done")
        raise ValueError("clumsy")

    def careful(sender, job, **_):
        Group.objects.create(name="whole")

    connect(signals.job_finished, clumsy)
    connect(signals.job_finished, careful)
    with caplog.at_level(logging.ERROR, "tasks.signals"):
        finished = run_to(State.SUCCEEDED, alice, tally)

    assert (finished.state, Job.objects.get().state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert [group.name for group in Group.objects.all()] == ["whole"]
    assert types() == ["job.queued", "job.started", "job.succeeded"]
    (record,) = caplog.records
    assert record.action == "signal.receiver_failed"
    assert "test_receivers" in record.getMessage()
    assert "clumsy" in record.getMessage()


def test_a_receiver_that_breaks_a_constraint_harms_nobody(tally, alice, connect):
    Group.objects.create(name="taken")

    def clumsy(sender, job, **_):
        Group.objects.create(name="taken")

    connect(signals.job_finished, clumsy)

    assert run_to(State.SUCCEEDED, alice, tally).state == State.SUCCEEDED


def locked():
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    error = OperationalError("database is locked")
    error.__cause__ = cause
    return error


def test_a_transient_error_in_a_receiver_rolls_all_of_it_back_and_tries_again(
    tally, alice, connect
):
    calls = []

    def unlucky(sender, job, **_):
        Group.objects.create(name=f"call {len(calls)}")
        calls.append(job.state)
        if len(calls) < 3:
            raise locked()

    connect(signals.job_finished, unlucky)
    run_to(State.SUCCEEDED, alice, tally)

    assert len(calls) == 3
    assert [group.name for group in Group.objects.all()] == ["call 2"]
    assert types() == ["job.queued", "job.started", "job.succeeded"]


def test_a_transition_that_never_gets_through_changes_nothing(tally, alice, connect, monkeypatch):
    monkeypatch.setattr(jobs, "SETTLE_SECONDS", 0)

    def unlucky(sender, job, **_):
        raise locked()

    tally.enqueue(owner=alice)
    claimed = jobs.claim("default", "w1")
    connect(signals.job_finished, unlucky)

    with pytest.raises(OperationalError):
        jobs.settle(claimed, Outcome(State.SUCCEEDED))

    assert Job.objects.get().state == State.RUNNING
    assert types() == ["job.queued", "job.started"]


async def a_coroutine(sender, **_): ...


class AnAsyncObject:
    async def __call__(self, sender, **_): ...


@pytest.mark.parametrize(
    "receiver", [a_coroutine, AnAsyncObject()], ids=["a function", "an object"]
)
def test_an_async_receiver_is_refused_with_a_sentence(receiver):
    with pytest.raises(TypeError, match="is async def: a receiver of a job's signal runs inside"):
        signals.job_finished.connect(receiver)

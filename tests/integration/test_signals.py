from __future__ import annotations

import json
import logging
import re
import sqlite3
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError

from realtime.models import Event
from realtime.publish import publish
from realtime.topics import SITE, Topic
from tasks import job as jobs_of
from tasks import jobs, signals
from tasks.job import Run, job
from tasks.models import Job, Step
from tasks.outcomes import Outcome
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def alice():
    return User.objects.create(username="alice")


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


@pytest.fixture
def connect():
    """Connect receivers for the length of a test."""
    connected = []

    def connect(signal, receiver):
        signal.connect(receiver, weak=False)
        connected.append((signal, receiver))
        return receiver

    yield connect
    for signal, receiver in connected:
        signal.disconnect(receiver)


@pytest.fixture
def heard(connect):
    """What every signal said: its name and the job's state."""
    found = []
    names = [name for name in vars(signals) if name.startswith("job_")]
    for name in names:

        def note(sender, job, _name=name, **_):
            assert sender is Job
            found.append((_name, str(job.state)))

        connect(getattr(signals, name), note)
    return found


def run_to(state, owner, function):
    function.enqueue(owner=owner)
    return jobs.settle(jobs.claim("default", "w1"), Outcome(state))


def told():
    return [json.loads(event.data)["type"] for event in Event.objects.order_by("id")]


@pytest.mark.parametrize(
    ("state", "last"),
    [
        pytest.param(State.SUCCEEDED, ["job_succeeded", "job_finished"], id="success"),
        pytest.param(State.FAILED, ["job_failed", "job_finished"], id="failure"),
        pytest.param(State.CANCELLED, ["job_cancelled", "job_finished"], id="cancellation"),
        pytest.param(State.RETRYING, ["job_retrying"], id="another attempt to come"),
    ],
)
def test_each_transition_fires_its_signals_in_order(tally, alice, heard, state, last):
    run_to(state, alice, tally)

    assert heard == [
        ("job_queued", "queued"),
        ("job_started", "running"),
        *[(name, state) for name in last],
    ]


def test_new_progress_in_the_row_fires_its_signal(tally, alice, heard):
    tally.enqueue(owner=alice)
    claimed = jobs.claim("default", "w1")
    jobs.beat(claimed, {"current": 1.0})

    assert heard[2:] == [("job_progressed", "running")]


def test_what_a_receiver_writes_commits_with_the_transition(tally, alice, connect):
    def write(sender, job, **_):
        Group.objects.create(name=f"finished {job.pk}")
        publish(SITE, "trophy.awarded")

    connect(signals.job_finished, write)
    finished = run_to(State.SUCCEEDED, alice, tally)

    assert Group.objects.get().name == f"finished {finished.pk}"
    assert sorted(told()[2:]) == ["job.succeeded", "trophy.awarded"]


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
    assert told() == ["job.queued", "job.started", "job.succeeded"]
    (record,) = caplog.records
    assert record.action == "signal.receiver_failed"
    assert "test_signals" in record.getMessage()
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
    assert told() == ["job.queued", "job.started", "job.succeeded"]


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
    assert told() == ["job.queued", "job.started"]


async def a_coroutine(sender, **_): ...


class AnAsyncObject:
    async def __call__(self, sender, **_): ...


@pytest.mark.parametrize(
    "receiver", [a_coroutine, AnAsyncObject()], ids=["a function", "an object"]
)
def test_an_async_receiver_is_refused_with_a_sentence(receiver):
    with pytest.raises(TypeError, match="is async def: a receiver of a job's signal runs inside"):
        signals.job_finished.connect(receiver)


def code_of(page):
    return re.search(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[1]


def test_the_example_in_the_manual_of_signals_works(tally, alice):
    module = {"__name__": "an_app.receivers"}
    try:
        exec(code_of("signals.md"), module)  # noqa: S102 (our own page)
        Job.objects.bulk_create(
            [Job(owner=alice, kind="tally", queue="default", state="succeeded") for _ in range(99)]
        )
        run_to(State.SUCCEEDED, alice, tally)
    finally:
        assert signals.job_finished.disconnect(dispatch_uid="trophies")

    assert Group.objects.get().name == "tally 100"
    assert "trophy.awarded" in told()


def test_the_manual_names_every_signal():
    names = {name for name in vars(signals) if name.startswith("job_")}

    assert set(re.findall(r"`(job_\w+)`", (DOCS / "signals.md").read_text())) == names


def test_the_example_in_the_manual_of_jobs_is_a_job(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    exec(code_of("jobs.md"), {"__name__": "an_app.work"})  # noqa: S102 (our own page)

    assert jobs_of.registry["tally"].queue == "reports"


def test_step_then_signals_then_event(tally, alice, connect):
    seen = []

    def look(sender, job, **_):
        seen.append((job.state, Step.objects.filter(job=job).last().name))
        publish(Topic.of_user(alice.pk), f"heard.{job.state}")

    for signal in (signals.job_queued, signals.job_started, signals.job_finished):
        connect(signal, look)
    run_to(State.SUCCEEDED, alice, tally)

    assert seen == [("queued", "queued"), ("running", "started"), ("succeeded", "succeeded")]
    assert told() == [
        *("heard.queued", "job.queued", "heard.running", "job.started"),
        *("heard.succeeded", "job.succeeded"),
    ]

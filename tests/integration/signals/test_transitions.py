"""Which signals a transition sends, when, and in which transaction."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from realtime.publish import publish
from realtime.topics import SITE, Topic
from tasks import jobs, signals
from tasks.models import Job, Step
from tasks.states import State
from tests.integration.appended import types
from tests.integration.signals import run_to

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert sorted(types()[2:]) == ["job.succeeded", "trophy.awarded"]


def test_step_then_signals_then_event(tally, alice, connect):
    seen = []

    def look(sender, job, **_):
        seen.append((job.state, Step.objects.filter(job=job).last().name))
        publish(Topic.of_user(alice.pk), f"heard.{job.state}")

    for signal in (signals.job_queued, signals.job_started, signals.job_finished):
        connect(signal, look)
    run_to(State.SUCCEEDED, alice, tally)

    assert seen == [("queued", "queued"), ("running", "started"), ("succeeded", "succeeded")]
    assert types() == [
        *("heard.queued", "job.queued", "heard.running", "job.started"),
        *("heard.succeeded", "job.succeeded"),
    ]

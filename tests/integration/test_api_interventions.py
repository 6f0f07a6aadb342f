"""Jobs cancelled and repeated over HTTP, one or a hundred, and what is told of it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from tasks import interventions, jobs
from tasks.job import find
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State

pytestmark = pytest.mark.django_db

GIVEN = {"recipients": ["a@example.com"], "subject": "Hello", "body": "Hi"}


def make(owner, state=State.QUEUED, **fields):
    given = {"kind": "mail", "queue": "mail", "arguments": GIVEN, **fields}
    return Job.objects.create(owner=owner, state=state, **given)


def post(tab, path, body=None):
    return tab.post(f"/api/jobs/{path}", body, content_type="application/json")


def test_a_cancelled_job_says_how_far_it_came(tab, alice):
    far = {"current": 40.0, "total": 100.0, "message": "row 40", "rate": None, "eta": None}
    job = make(alice, State.RETRYING, progress=far)

    told = post(tab, f"{job.pk}/cancel").json()

    assert (told["state"], told["progress"]) == ("cancelled", far)


def test_a_finished_job_is_repeated_with_what_it_was_given(tab, alice):
    job = make(alice, State.FAILED)

    response = post(tab, f"{job.pk}/repeat")

    told = response.json()
    assert response.status_code == 201
    assert (told["state"], told["arguments"]) == ("queued", GIVEN)
    assert (told["repeat_of"], told["id"] != str(job.pk)) == (str(job.pk), True)


def test_a_finished_job_is_repeated_with_other_arguments(tab, alice):
    job = make(alice, State.SUCCEEDED)

    told = post(tab, f"{job.pk}/repeat", {"arguments": {**GIVEN, "subject": "Again"}}).json()

    assert told["arguments"]["subject"] == "Again"
    assert Job.objects.get(pk=job.pk).arguments == GIVEN


@pytest.mark.parametrize("state", ["queued", "running", "retrying"])
def test_what_has_not_ended_is_not_repeated(tab, alice, state):
    job = make(alice, state)

    response = post(tab, f"{job.pk}/repeat")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_finished")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param([], "invalid_request", id="a list"),
        pytest.param({"arguments": 7}, "invalid_request", id="arguments that are no object"),
        pytest.param({"kind": "images"}, "invalid_request", id="another field"),
        pytest.param({"arguments": {"subject": "x"}}, "invalid_arguments", id="one is missing"),
        pytest.param({"arguments": {**GIVEN, "x": 1}}, "invalid_arguments", id="one too many"),
    ],
)
def test_a_repeat_takes_only_arguments_of_its_kind(tab, alice, body, code):
    job = make(alice, State.FAILED)

    response = post(tab, f"{job.pk}/repeat", body)

    assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    assert Job.objects.count() == 1


def test_a_kind_that_is_gone_cannot_be_repeated(tab, alice):
    job = make(alice, State.FAILED, kind="forgotten")

    assert post(tab, f"{job.pk}/repeat").json()["error"]["code"] == "unknown_kind"


def test_staff_look_at_cancel_and_repeat_anybodys(staff_tab, alice):
    waiting, ended = make(alice), make(alice, State.FAILED)

    looked = staff_tab.get(f"/api/jobs/{waiting.pk}").json()
    cancelled = post(staff_tab, f"{waiting.pk}/cancel").json()
    repeated = post(staff_tab, f"{ended.pk}/repeat").json()

    assert (looked["owner"], cancelled["state"]) == ("alice", "cancelled")
    assert repeated["owner"] == "alice"
    assert waiting.steps.get().by == "clerk"
    assert Job.objects.get(pk=repeated["id"]).steps.get().by == "clerk"


def test_many_are_cancelled_each_by_itself_in_order(tab, alice):
    strangers = make(User.objects.create_user("bob"))
    waiting, running, ended = (make(alice, s) for s in ("queued", "running", "succeeded"))
    unknown = uuid4()
    asked = [str(i) for i in (ended.pk, strangers.pk, waiting.pk, unknown, running.pk, waiting.pk)]

    outcomes = post(tab, "cancel", {"ids": asked}).json()["outcomes"]

    assert [outcome["id"] for outcome in outcomes] == asked
    assert [o["job"] and o["job"]["state"] for o in outcomes] == [
        "succeeded",
        None,
        "cancelled",
        None,
        "running",
        "cancelled",
    ]
    assert outcomes[1]["error"] == outcomes[3]["error"]
    assert outcomes[1]["error"]["code"] == "not_found"
    assert outcomes[4]["job"]["cancel_requested"]
    assert Job.objects.get(pk=strangers.pk).state == "queued"


def test_many_are_repeated_as_far_as_they_can_be(tab, alice):
    waiting, ended, gone = make(alice), make(alice, "failed"), make(alice, "failed", kind="gone")

    outcomes = post(tab, "repeat", {"ids": [str(j.pk) for j in (waiting, ended, gone)]}).json()

    refused, repeated, unknown = outcomes["outcomes"]
    assert (refused["job"], refused["error"]["code"]) == (None, "not_finished")
    assert (repeated["error"], repeated["job"]["repeat_of"]) == (None, str(ended.pk))
    assert unknown["error"]["code"] == "unknown_kind"


def test_a_database_that_is_away_is_waited_for_once(tab, alice, monkeypatch):
    made = [make(alice) for _ in range(3)]
    tried = []

    def locked(job_id, by):
        tried.append(job_id)
        raise OperationalError("database is locked")

    monkeypatch.setattr(interventions, "cancel", locked)
    outcomes = post(tab, "cancel", {"ids": [str(job.pk) for job in made]}).json()["outcomes"]

    assert [outcome["error"]["code"] for outcome in outcomes] == ["busy"] * 3
    assert tried == [made[0].pk]


@pytest.mark.parametrize("verb", ["cancel", "repeat"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no ids"),
        pytest.param({"ids": []}, id="none"),
        pytest.param({"ids": ["7"]}, id="no id"),
        pytest.param({"ids": str(uuid4())}, id="not a list"),
        pytest.param({"ids": [str(uuid4())] * 101}, id="more than a hundred"),
        pytest.param({"ids": [str(uuid4())], "force": True}, id="another field"),
    ],
)
def test_a_wrong_list_does_nothing(tab, alice, verb, body):
    make(alice)

    assert post(tab, verb, body).status_code == 422
    assert Job.objects.get().state == "queued"


def fail(job):
    """Have an attempt of the job end in an error."""
    claimed = jobs.claim(job.queue, "celery@inner-host")
    columns = {"error": "Something went wrong.", "traceback": "Traceback: <secret>"}
    jobs.settle(claimed, Outcome(State.FAILED, columns))


def timeline(tab, job):
    return tab.get(f"/api/jobs/{job.pk}/timeline").json()["steps"]


def test_the_owner_reads_what_happened_without_what_is_for_staff(tab, alice):
    job = jobs.enqueue(find("mail"), alice, GIVEN)
    fail(job)

    steps = timeline(tab, job)

    assert [(s["name"], s["by"], s["attempt"]) for s in steps] == [
        ("queued", "alice", 0),
        ("started", "worker", 1),
        ("failed", "worker", 1),
    ]
    assert steps[2]["error"] == "Something went wrong."
    assert all(step["worker"] is step["traceback"] is None for step in steps)
    assert "inner-host" not in str(steps)


def test_staff_read_the_worker_and_the_traceback_too(staff_tab, alice):
    job = jobs.enqueue(find("mail"), alice, GIVEN)
    fail(job)

    last = timeline(staff_tab, job)[-1]

    assert (last["by"], last["worker"]) == ("celery@inner-host", "celery@inner-host")
    assert last["traceback"] == "Traceback: <secret>"

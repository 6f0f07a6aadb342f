"""Jobs over HTTP."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction

from realtime.log import append_many
from tasks import enqueueing, files
from tasks.models import File, Job
from tasks.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def upload(alice):
    return files.save_upload(alice.pk, "a.csv", "text/csv", [b"a,b\n1,2\n"])


def post(tab, kind, **arguments):
    return tab.post(
        "/api/jobs", {"kind": kind, "arguments": arguments}, content_type="application/json"
    )


def test_a_job_that_is_asked_for_is_queued(tab, alice, upload):
    response = post(tab, "reports", file=str(upload.pk))

    job = Job.objects.get()
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert (job.owner, job.state, job.queue) == (alice, State.QUEUED, "reports")
    told = response.json()
    assert told | {"queued_at": ""} == {
        "id": str(job.pk),
        "kind": "reports",
        "name": "Report",
        "queue": "reports",
        "state": "queued",
        "attempt": 0,
        "max_attempts": 2,
        "progress": None,
        "error": "",
        "cancel_requested": False,
        "queued_at": "",
        "started_at": None,
        "finished_at": None,
        "owner": "alice",
        "repeat_of": None,
        "expected_wait": None,
        "arguments": {"file": str(upload.pk)},
        "result": None,
        "files": [],
    }


def test_a_job_is_told_of_with_its_result_and_files(tab, alice):
    job = Job.objects.create(
        owner=alice, kind="mail", queue="mail", state=State.SUCCEEDED, result={"sent": 3}
    )
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as target:
        target.write(b"x")

    told = tab.get(f"/api/jobs/{job.pk}").json()

    assert told["result"] == {"sent": 3}
    assert told["files"] == [files.describe(target.saved)]


def test_jobs_are_listed_newest_first_in_pages(tab, alice):
    made = [Job.objects.create(owner=alice, kind="mail", queue="mail") for _ in range(5)]
    Job.objects.create(owner=User.objects.create_user("bob"), kind="mail", queue="mail")

    first = tab.get("/api/jobs?limit=3").json()["jobs"]
    rest = tab.get(f"/api/jobs?limit=3&before={first[-1]['id']}").json()["jobs"]

    assert [job["id"] for job in first + rest] == [str(job.pk) for job in reversed(made)]


def test_jobs_are_found_by_state_and_kind(tab, alice):
    for kind, state in [("mail", "queued"), ("mail", "failed"), ("images", "failed")]:
        Job.objects.create(owner=alice, kind=kind, queue=kind, state=state)

    found = tab.get("/api/jobs?state=failed&kind=mail").json()["jobs"]

    assert [(job["kind"], job["state"]) for job in found] == [("mail", "failed")]


def test_a_list_tells_the_position_to_follow_it_from(tab, alice):
    with transaction.atomic():
        (entry,) = append_many([(f"user:{alice.pk}", "{}")])

    position = tab.get("/api/jobs").json()["position"]

    assert position == {"topic": f"user:{alice.pk}", "epoch": entry.epoch, "offset": entry.offset}


@pytest.mark.parametrize(
    "query",
    [
        "state=sleeping",
        "kind=..%2f",
        "kind=a%00",
        "before=x",
        "limit=0",
        "limit=101",
        "limit=1e9",
    ],
)
def test_a_wrong_question_is_refused(tab, query):
    response = tab.get(f"/api/jobs?{query}")

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"


def test_a_waiting_job_is_cancelled_at_once_and_for_good(tab, alice):
    job = Job.objects.create(owner=alice, kind="mail", queue="mail")

    first = tab.post(f"/api/jobs/{job.pk}/cancel")
    again = tab.post(f"/api/jobs/{job.pk}/cancel")

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")


def test_the_kinds_and_what_they_take_are_listed(tab):
    kinds = {kind["kind"]: kind["arguments"] for kind in tab.get("/api/kinds").json()}

    assert {"reports", "images", "mail"} <= set(kinds)
    assert kinds["reports"]["required"] == ["file"]
    assert kinds["mail"]["properties"]["recipients"]["maxItems"] == 500


def test_a_job_takes_only_complete_own_uploads(tab, alice, upload):
    partial = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    stranger = files.save_upload(User.objects.create_user("bob").pk, "c", "text/csv", [b"c"])
    job = Job.objects.create(owner=alice, kind="mail", queue="mail")
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as result:
        result.write(b"x")

    refused = [
        post(tab, "reports", file=str(file.pk)) for file in (partial, stranger, result.saved)
    ]
    mixed = post(tab, "images", files=[str(upload.pk), str(stranger.pk)])

    assert {response.status_code for response in [*refused, mixed]} == {422}
    assert {r.json()["error"]["code"] for r in [*refused, mixed]} == {"invalid_file"}


@pytest.mark.parametrize("field", ["owner", "state", "attempt", "result", "token", "id"])
def test_no_other_field_can_be_set(tab, upload, field):
    body = {"kind": "reports", "arguments": {"file": str(upload.pk)}, field: 1}

    assert tab.post("/api/jobs", body, content_type="application/json").status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", ["reports", "images", "mail"])
def test_a_sample_is_ready_to_be_asked_for(tab, alice, kind):
    response = tab.post(f"/api/samples/{kind}")

    assert response.status_code == 201
    assert post(tab, kind, **response.json()["arguments"]).status_code == 201
    assert all(file.owner == alice and file.is_complete for file in File.objects.all())


def test_a_sample_of_no_kind_is_not_found(tab):
    assert tab.post("/api/samples/dance").status_code == 404


def test_a_busy_database_asks_to_come_again(tab, upload, monkeypatch):
    def locked(*_):
        raise OperationalError("database is locked")

    monkeypatch.setattr(enqueueing, "submit", locked)
    response = post(tab, "reports", file=str(upload.pk))

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["error"]["code"] == "busy"


def test_the_api_describes_itself_without_anybody_elses_server(client):
    described = client.get("/api/openapi.json").json()
    page = client.get("/api/docs").content.decode()

    assert "/api/jobs" in described["paths"]
    assert "multipart/form-data" in json.dumps(described["paths"]["/api/files"])
    assert "//cdn" not in page
    assert "/static/ninja/" in page

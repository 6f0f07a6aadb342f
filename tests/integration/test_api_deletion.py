"""Deleting jobs and uploads over HTTP."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tasks import files
from tasks.models import File, Job
from tasks.states import State
from tests.people import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture
def job(alice):
    return Job.objects.create(
        owner=alice,
        kind="reports",
        queue="reports",
        state=State.SUCCEEDED,
        finished_at=timezone.now(),
    )


@pytest.fixture
def upload(alice):
    return files.save_upload(alice.pk, "a.csv", "text/csv", [b"a"])


def delete(address, user):
    return sign_in(user).delete(f"/api/{address}")


def code_of(response):
    return response.json()["error"]["code"]


def test_a_finished_job_is_deleted(alice, job):
    response = delete(f"jobs/{job.pk}", alice)

    assert (response.status_code, response.content) == (204, b"")
    assert not Job.objects.exists()
    assert delete(f"jobs/{job.pk}", alice).status_code == 404


def test_a_job_that_has_not_ended_is_a_conflict(alice, job):
    Job.objects.update(state=State.RUNNING, finished_at=None)

    response = delete(f"jobs/{job.pk}", alice)

    assert (response.status_code, code_of(response)) == (409, "not_finished")
    assert Job.objects.exists()


def test_strangers_delete_nothing_and_staff_anybodys_job(job, upload, clerk):
    mallory = User.objects.create_user("mallory")

    assert delete(f"jobs/{job.pk}", mallory).status_code == 404
    assert delete(f"files/{upload.pk}", mallory).status_code == 404
    assert Client().delete(f"/api/jobs/{job.pk}").status_code == 401
    assert (Job.objects.count(), File.objects.count()) == (1, 1)
    assert delete(f"jobs/{job.pk}", clerk).status_code == 204


def test_an_upload_is_deleted_unless_a_job_reads_it(alice, job, upload):
    job.inputs.add(upload)
    response = delete(f"files/{upload.pk}", alice)
    assert (response.status_code, code_of(response)) == (409, "in_use")

    job.inputs.clear()

    assert delete(f"files/{upload.pk}", alice).status_code == 204
    assert delete(f"files/{upload.pk}", alice).status_code == 404
    assert delete(f"files/{uuid.uuid4()}", alice).status_code == 404


def test_an_upload_beyond_the_quota_is_answered_with_numbers(alice, settings):
    settings.UPLOAD_QUOTA_BYTES = 1000
    client = sign_in(alice)

    announced = client.post(
        "/api/files", {"name": "a.csv", "size": 1001}, content_type="application/json"
    )
    sent = client.post("/api/files?name=a.csv", b"x" * 1001, content_type="text/csv")

    for response in announced, sent:
        assert (response.status_code, code_of(response)) == (413, "quota_exceeded")
        assert "1,000 bytes together" in response.json()["error"]["message"]
    assert not File.objects.exists()

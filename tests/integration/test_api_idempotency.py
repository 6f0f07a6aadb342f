"""One Idempotency-Key is one job, and there is an end to how many may wait."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest
from django.contrib.auth.models import User
from django.test import Client

from realtime import tokens
from tasks.models import Job
from tests.installation import Installation
from tests.weather.stage import Platform


def mailing(subject="Hello"):
    return {
        "kind": "mail",
        "arguments": {"recipients": ["a@example.com"], "subject": subject, "body": "Hi"},
    }


def post(tab, key=None, **body):
    headers = {} if key is None else {"Idempotency-Key": key}
    return tab.post("/api/jobs", {**mailing(), **body}, "application/json", headers=headers)


@pytest.mark.django_db
def test_the_same_request_again_is_answered_with_the_same_job(tab):
    first, again = post(tab, '"invoice 7"'), post(tab, '"invoice 7"')

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Job.objects.get().idempotency_key == "invoice 7"


@pytest.mark.django_db
def test_without_a_key_each_request_is_a_job(tab):
    assert [post(tab).status_code for _ in range(2)] == [201, 201]
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_key_that_was_used_for_something_else_is_a_conflict(tab):
    post(tab, "k")

    response = post(tab, "k", **mailing("Goodbye"))

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "idempotency_conflict"
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_its_owners_alone(tab):
    bob = Client()
    bob.force_login(User.objects.create_user("bob"))

    assert post(tab, "k").status_code == post(bob, "k").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", '"', "a b", "x" * 201, '"a";v=1', "a,b"])
def test_a_key_that_is_none_is_refused(tab, key):
    response = post(tab, key)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_who_has_too_many_waiting_is_told_when_to_come_back(tab, settings):
    settings.JOB_MAX_WAITING = 2
    for key in "ab":
        post(tab, key)

    refused, known = post(tab, "c"), post(tab, "a")

    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert refused.json()["error"]["code"] == "too_many_jobs"
    assert known.status_code == 200


def test_a_hundred_at_once_with_one_key_are_one_job(installation: Installation):
    platform = Platform(installation)
    body = json.dumps({"kind": "echo", "arguments": {"word": "once"}})
    headers = {
        "Authorization": f"Bearer {tokens.make(1)}",
        "Content-Type": "application/json",
        "Idempotency-Key": '"only one"',
    }

    def post_once() -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", platform.port, timeout=60)) as http:
            http.request("POST", "/api/jobs", body, headers)
            answer = http.getresponse()
            return answer.status, json.loads(answer.read()).get("id", "")

    def ask(_: int) -> tuple[int, str]:
        # The tests' PostgreSQL takes 50 connections; who is told 503 comes again.
        answers = (post_once() for _ in range(20))
        return next(answer for answer in answers if answer[0] != 503)

    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(ask, range(100)))

    assert sorted(status for status, _ in answers) == [200] * 99 + [201]
    assert len({job for _, job in answers}) == 1
    assert installation.rows("SELECT count(*) FROM tasks_job") == [(1,)]

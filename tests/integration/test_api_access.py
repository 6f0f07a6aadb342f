"""Who may call the API, and whose things they reach."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from realtime import tokens
from realtime.log import append_many
from tasks import files
from tasks.endpoints import api
from tasks.models import File, Job
from tests.people import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def bearer(token):
    return Client(headers={"Authorization": f"Bearer {token}"}, enforce_csrf_checks=True)


#: The same in every process that collects the tests.
NOBODYS = UUID(int=7)


def addresses_with(name):
    """Every method and address of the API whose path has this parameter."""
    for path, operations in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        if f"{{{name}}}" in path:
            yield from ((method, path) for method in operations)


def every_address():
    for path, operations in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        plain = re.sub(r"\{(job|file)_id\}", str(NOBODYS), path).replace("{kind}", "mail")
        yield from ((method, plain) for method in operations)


@pytest.mark.parametrize(("method", "address"), list(every_address()))
def test_a_stranger_is_asked_to_sign_in(method, address):
    response = getattr(Client(), method)(address)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthorized"
    assert response["WWW-Authenticate"] == "Bearer"


OF_JOBS = [("bob", *address) for address in addresses_with("job_id")]
#: Staff act on everybody's jobs, but do not read their files.
OF_FILES = [(who, *address) for who in ("bob", "root") for address in addresses_with("file_id")]


@pytest.mark.parametrize(("who", "method", "path"), [*OF_JOBS, *OF_FILES])
def test_what_is_anothers_answers_as_what_does_not_exist(request, alice, method, path, who):
    job = Job.objects.create(owner=alice, kind="mail", queue="mail")
    file = files.save_upload(alice.pk, "a.csv", "text/csv", [b"secret"])
    part = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    client = sign_in(request.getfixturevalue(who))

    def answer(job_id, file_id):
        address = path.format(job_id=job_id, file_id=file_id) + "?offset=0"
        body = {"data": b"x", "content_type": "application/x"} if method == "put" else {}
        if method == "post":
            body = {"data": {}, "content_type": "application/json"}
        response = getattr(client, method)(address, **body)
        return response.status_code, response.content

    of_nobody = answer(uuid4(), uuid4())

    assert of_nobody[0] == 404
    assert answer(job.pk, file.pk) == answer(job.pk, part.pk) == of_nobody
    assert Job.objects.get().state == "queued"
    assert File.objects.get(pk=part.pk).received == 0


def test_a_session_must_prove_that_our_page_sent_it(alice):
    client = sign_in(alice, enforce_csrf_checks=True)
    client.get("/admin/")
    body = {"name": "a", "size": 9}

    without = client.post("/api/files", body, content_type="application/json")
    read = client.get("/api/jobs")
    login = client.get("/api/docs")
    token = re.search(r'data-csrf-token="(\w+)"', login.content.decode())
    client_with = client.post(
        "/api/files",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": token[1] if token else ""},
    )

    assert (without.status_code, without.json()["error"]["code"]) == (403, "forbidden")
    assert read.status_code == 200
    assert client_with.status_code == 201


def test_a_token_needs_no_csrf_and_acts_for_its_bearer(alice):
    response = bearer(tokens.make(alice.pk)).post(
        "/api/files", {"name": "a", "size": 9}, content_type="application/json"
    )

    assert response.status_code == 201
    assert File.objects.get().owner == alice


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("nonsense", id="nonsense"),
        pytest.param(tokens.make(1, lifetime_seconds=-5), id="expired"),
        pytest.param(tokens.make(987_654), id="of nobody"),
        pytest.param(tokens.make("x"), id="of no key"),
        pytest.param(tokens.make(2**70), id="of a number too large"),
    ],
)
def test_a_wrong_token_is_refused_even_beside_a_session(tab, token):
    response = tab.get("/api/jobs", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


def test_who_may_no_longer_sign_in_has_no_token_either(alice):
    token = tokens.make(alice.pk)
    User.objects.update(is_active=False)

    assert bearer(token).get("/api/jobs").status_code == 401


def test_the_api_makes_a_token_for_the_socket(tab, alice):
    response = tab.post("/api/token")

    assert tokens.read(response.json()["token"]).user_id == str(alice.pk)


def test_the_command_prints_a_token_and_nothing_else(alice, capsys):
    call_command("token", "alice")

    printed = capsys.readouterr().out
    assert tokens.read(printed.strip()).user_id == str(alice.pk)


def test_the_command_knows_no_strangers(alice):
    with pytest.raises(CommandError, match="no active user 'mallory'"):
        call_command("token", "mallory")


def test_an_address_that_is_none_is_answered_as_json(tab):
    response = tab.get("/api/secrets/../jobsx")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def append(user, *texts):
    with transaction.atomic():
        return append_many([(f"user:{user.pk}", text) for text in texts])


def test_events_are_read_after_a_position_and_only_ones_own(tab, alice, bob):
    append(bob, '{"n": 0}')
    first, *_ = append(alice, '{"n": 1}', '{"n": 2}', '{"n": 3}')

    page = tab.get(f"/api/events?epoch={first.epoch}&after=1&limit=100").json()

    assert page == {
        "epoch": first.epoch,
        "offset": 3,
        "events": [{"offset": 2, "data": {"n": 2}}, {"offset": 3, "data": {"n": 3}}],
        "recovered": True,
    }


def test_events_of_another_history_are_not_mixed_in(tab, alice):
    append(alice, '{"n": 1}')

    page = tab.get("/api/events?epoch=other&after=0").json()

    assert (page["recovered"], page["events"]) == (False, [])


def test_events_come_in_pages(tab, alice):
    append(alice, *['{"n": 1}'] * 5)

    page = tab.get("/api/events?after=0&limit=2").json()

    assert [event["offset"] for event in page["events"]] == [1, 2]
    assert (page["offset"], page["recovered"]) == (5, False)


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        f"after={2**63}",
        f"after={'9' * 5000}",
        "after=x",
        "limit=0",
        "limit=301",
        "limit=-1",
        "epoch=%00",
        "epoch=%ED%A0%80",
        "epoch=" + "x" * 100,
    ],
)
def test_an_absurd_position_is_refused(tab, query):
    response = tab.get(f"/api/events?{query}")

    assert response.status_code == 422
    assert response.json()["error"]["message"]


def test_the_highest_offset_there_is_is_no_trouble(tab):
    assert tab.get(f"/api/events?after={2**63 - 1}").status_code == 200

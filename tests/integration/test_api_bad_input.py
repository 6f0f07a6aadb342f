"""Jobs that nobody should ask for, over HTTP: a sentence for each, never a server error."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tasks.models import Job

pytestmark = pytest.mark.django_db

DEEP = 100_000


def post(tab, kind, **arguments):
    return tab.post(
        "/api/jobs", {"kind": kind, "arguments": arguments}, content_type="application/json"
    )


def post_text(tab, text):
    return tab.post("/api/jobs", text, content_type="application/json")


@pytest.mark.parametrize(
    ("kind", "arguments", "code"),
    [
        pytest.param("dance", {}, "unknown_kind", id="unknown kind"),
        pytest.param("__import__", {}, "unknown_kind", id="a name of Python"),
        pytest.param("reports", {}, "invalid_arguments", id="nothing"),
        pytest.param("reports", {"file": 7}, "invalid_arguments", id="a number"),
        pytest.param("reports", {"file": "/etc/passwd"}, "invalid_arguments", id="a path"),
        pytest.param("reports", {"file": str(uuid4())}, "invalid_file", id="no such file"),
        pytest.param(
            "reports", {"file": str(uuid4()), "x": 1}, "invalid_arguments", id="one too many"
        ),
        pytest.param(
            "reports", {"file": str(uuid4()), "owner": 1}, "invalid_arguments", id="an owner"
        ),
        pytest.param("images", {"files": []}, "invalid_arguments", id="no photos"),
        pytest.param(
            "images", {"files": [str(uuid4())] * 51}, "invalid_arguments", id="too many photos"
        ),
        pytest.param("images", {"files": [str(uuid4())]}, "invalid_file", id="no such photo"),
        pytest.param(
            "mail",
            {"subject": "a", "body": "b", "recipients": ["a@example.org"] * 501},
            "invalid_arguments",
            id="too many recipients",
        ),
        pytest.param(
            "mail",
            {"subject": "a", "body": "b", "recipients": "a@example.org"},
            "invalid_arguments",
            id="text for a list",
        ),
        pytest.param(
            "mail",
            {"subject": "a", "body": "b", "recipients": ["a@example.org", "Bob <b@example.org>"]},
            "invalid_arguments",
            id="no address",
        ),
    ],
)
def test_a_wrong_job_is_refused_and_not_recorded(tab, kind, arguments, code):
    response = post(tab, kind, **arguments)

    assert response.status_code == 422, response.content
    assert response.json()["error"]["code"] == code
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param('"\\ud800"', id="half a surrogate"),
        pytest.param(str(2**63), id="2**63"),
        pytest.param(str(2**64), id="2**64"),
        pytest.param("NaN", id="NaN"),
        pytest.param("1e999", id="infinity"),
        pytest.param("9" * 5000, id="5,000 digits"),
        pytest.param("[" * DEEP + "]" * DEEP, id="nested 100,000 deep"),
        pytest.param('"\\u0000"', id="NUL"),
        pytest.param('{"a": 1, "a": 2}', id="a name twice"),
        pytest.param('"../../etc/passwd"', id="a path"),
        pytest.param('"$(id)"', id="a command"),
        pytest.param('"http://169.254.169.254/"', id="an address"),
    ],
)
@pytest.mark.parametrize("place", ["file", "kind", "body"])
def test_no_json_brings_the_server_down(tab, value, place):
    text = {
        "file": f'{{"kind": "reports", "arguments": {{"file": {value}}}}}',
        "kind": f'{{"kind": {value}, "arguments": {{}}}}',
        "body": value,
    }[place]

    response = post_text(tab, text)

    assert response.status_code in (400, 422), response.content
    assert response.json()["error"]["message"].endswith((".", ")"))
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        pytest.param("", "application/json", 422, id="nothing"),
        pytest.param("{", "application/json", 400, id="cut off"),
        pytest.param("kind=mail", "application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param("{}", "text/plain", 415, id="no JSON by its type"),
        pytest.param('"' + "x" * 300_000 + '"', "application/json", 413, id="300 KB"),
        pytest.param('"' + "x" * 6_000_000 + '"', "application/json", 413, id="6 MB"),
        pytest.param(
            "x=" + "x" * 6_000_000, "application/x-www-form-urlencoded", 413, id="a form of 6 MB"
        ),
    ],
)
def test_a_wrong_body_is_refused_with_a_sentence(tab, text, kind, status):
    response = tab.post("/api/jobs", text, content_type=kind)

    assert response.status_code == status, response.content
    assert set(response.json()["error"]) == {"code", "message"}

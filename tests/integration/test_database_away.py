"""Requests while the database is locked, or gone."""

from __future__ import annotations

import json

import pytest

from tests.installation import Installation

_ASK = """
import json, sqlite3, sys, time
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "localhost"})
client.force_login(User.objects.get(username="alice"))
arguments = {"subject": "Hi", "body": "There", "recipients": ["a@example.org"]}
def ask(what):
    match what:
        case "the API":
            body = json.dumps({"kind": "mail", "arguments": arguments})
            return client.post("/api/jobs", body, content_type="application/json")
        case "a page":
            return client.get("/")
        case "a form":
            return client.post("/logout/")
{trouble}
began = time.monotonic()
answers = [ask(what) for what in sys.argv[1:]]
def told(answer):
    return [answer.status_code, answer.headers.get("Retry-After"), answer.content.decode()]
print(json.dumps([told(answer) for answer in answers]))
print(time.monotonic() - began)
"""
_LOCKED = """
lock = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
lock.execute("BEGIN EXCLUSIVE")
"""
_GONE = """
from django.db import connection
connection.close()
connection.settings_dict["PORT"] = "1"
"""


def ask(installation: Installation, trouble: str, *what: str) -> tuple[list, float]:
    output = installation.run(_ASK.replace("{trouble}", trouble), *what).splitlines()
    return json.loads(output[-2]), float(output[-1])


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        pytest.param("the API", "The database is busy; try again.", id="the API"),
        pytest.param("a form", "The database is busy", id="a form"),
    ],
)
def test_a_locked_database_is_waited_for_and_then_a_503(on_sqlite, what, sentence):
    [(status, retry_after, content)], seconds = ask(on_sqlite, _LOCKED, what)

    assert (status, retry_after is not None) == (503, True)
    assert sentence in content
    assert 4 < seconds < 20


@pytest.mark.postgres
def test_a_database_that_is_gone_is_a_503(on_postgres):
    answers, _ = ask(on_postgres, _GONE, "a page", "the API")

    assert [(status, bool(retry_after)) for status, retry_after, _ in answers] == [(503, True)] * 2


def test_any_other_error_is_a_500(on_sqlite):

    [(status, _, content)], _ = ask(on_sqlite, _BUG, "a page")

    assert (status, "The server has trouble" in content) == (500, True)


_BUG = """
from project import views
views.page_state = None
"""

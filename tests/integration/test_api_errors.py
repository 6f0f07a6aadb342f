"""However the API says no, it says it in JSON, with a code."""

from __future__ import annotations

import pytest
from django.core.signals import got_request_exception

from tasks import enqueueing, storage
from tests.people import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tab(alice):
    return sign_in(alice, raise_request_exception=False)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        pytest.param("put", "/api/jobs", {"GET", "POST"}, id="one of ours"),
        pytest.param("delete", "/api/kinds", {"GET"}, id="one that is only read"),
        pytest.param("get", "/api/jobs/cancel", {"POST"}, id="one that is only written"),
    ],
)
def test_a_method_that_is_not_allowed_is_refused_in_json(tab, method, address, allowed):
    response = getattr(tab, method)(address)

    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert set(response["Allow"].split(", ")) == allowed
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("error", [RuntimeError("<secret>"), OSError(5, "<secret>")])
def test_what_nobody_expected_is_answered_in_json_and_noted(
    tab, monkeypatch, caplog, settings, error, debug
):
    settings.DEBUG = debug

    def broken(*_):
        raise error

    reported = []
    got_request_exception.connect(lambda **_: reported.append(1), weak=False, dispatch_uid="t")
    monkeypatch.setattr(enqueueing, "submit", broken)
    response = tab.post("/api/jobs", _mailing(), "application/json")
    got_request_exception.disconnect(dispatch_uid="t")

    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in response.content.decode()
    noted = next(record for record in caplog.records if record.name == "tasks.api_errors")
    assert noted.exc_info[1] is error
    assert reported == [1]


def test_a_full_disk_asks_to_come_again(tab, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "writing", full)
    response = tab.post("/api/files?name=a.csv", b"a,b", "text/csv")

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["error"]["code"] == "storage_full"


def _mailing():
    arguments = {"recipients": ["a@example.com"], "subject": "Hello", "body": "Hi"}
    return {"kind": "mail", "arguments": arguments}

"""The inbox over HTTP."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from realtime import inbox, log, preferences
from realtime.inbox import notify
from realtime.models import Mute, Notification

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def bob():
    return User.objects.create_user("bob")


@pytest.fixture
def tab(alice):
    client = Client()
    client.force_login(alice)
    return client


def mark(tab, **payload):
    return tab.post("/api/notifications/mark", payload, JSON)


def ids(response):
    return [shown["id"] for shown in response.json()["notifications"]]


def test_a_page_is_followed_live_from_its_position(tab, alice):
    told_id = notify(alice, "Report is done", key="job:7", actions=[{"label": "a", "link": "/"}])

    response = tab.get("/api/notifications")

    epoch, offset = log.position(f"user:{alice.pk}")
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "notifications": [inbox.describe(Notification.objects.get())],
        "has_older": False,
        "counts": {"unseen": 1, "unread": 1},
        "position": {"topic": f"user:{alice.pk}", "epoch": epoch, "offset": offset},
    }
    event = json.loads(log.read(f"user:{alice.pk}", after=0).events[0][1])
    assert event["notification"] == response.json()["notifications"][0]
    assert ids(response) == [str(told_id)]


def test_pages_follow_each_other(tab, alice):
    told = [str(notify(alice, f"number {n}")) for n in range(3)]

    first = tab.get("/api/notifications?limit=2")
    second = tab.get(f"/api/notifications?limit=2&before={ids(first)[-1]}")

    assert (ids(first), first.json()["has_older"]) == ([told[2], told[1]], True)
    assert (ids(second), second.json()["has_older"]) == ([told[0]], False)


def test_parts_can_be_asked_for(tab, alice):
    archived, read, other = (notify(alice, "t", kind=kind) for kind in ("a", "a", "b"))
    inbox.mark(alice, "archived", [archived])
    inbox.mark(alice, "read", [read])

    for query, expected in [
        ("show=archived", [archived]),
        ("show=unread", [other]),
        ("kind=a", [read]),
        ("kind=a&show=archived", [archived]),
        ("kind=none", []),
    ]:
        assert ids(tab.get(f"/api/notifications?{query}")) == [str(each) for each in expected]


@pytest.mark.parametrize("how", ["some", "all"])
def test_what_is_marked_is_marked_for_all_of_my_tabs(tab, alice, how):
    told_id = notify(alice, "Title")
    which = {"all": True} if how == "all" else {"ids": [str(told_id)]}

    response = mark(tab, **{"as": "read"}, **which)

    assert (response.status_code, response.json()) == (200, {"counts": {"unseen": 0, "unread": 0}})
    event = json.loads(log.read(f"user:{alice.pk}", after=1).events[0][1])
    assert (event["type"], event["as"]) == ("notification.marked", "read")


@pytest.mark.parametrize("whose", ["anothers", "nobodys"])
def test_anothers_notification_is_as_unknown_as_none(tab, alice, bob, whose):
    notify(alice, "Title")
    told_id = notify(bob, "Title") if whose == "anothers" else uuid4()

    marked = mark(tab, **{"as": "read", "ids": [str(told_id)]})
    before = tab.get(f"/api/notifications?before={told_id}")

    assert (marked.status_code, marked.json()["counts"]["unread"]) == (200, 1)
    assert (before.status_code, before.json()["error"]["code"]) == (404, "unknown_notification")
    assert inbox.counts(bob.pk)["unread"] == (whose == "anothers")


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        pytest.param("get", "?limit=0", None, id="no limit"),
        pytest.param("get", "?limit=101", None, id="too many"),
        pytest.param("get", "?before=x", None, id="before what is no id"),
        pytest.param("get", "?show=all", None, id="an unknown part"),
        pytest.param("get", f"?kind={'k' * 61}", None, id="a long kind"),
        pytest.param("get", "?kind=%00", None, id="a kind with a control character"),
        pytest.param("post", "/mark", {"as": "gone", "all": True}, id="an unknown mark"),
        pytest.param("post", "/mark", {"as": "read"}, id="nothing to mark"),
        pytest.param("post", "/mark", {"as": "read", "all": False}, id="not all"),
        pytest.param("post", "/mark", {"as": "read", "ids": []}, id="no ids"),
        pytest.param("post", "/mark", {"as": "read", "ids": ["x"]}, id="ids that are none"),
        pytest.param(
            "post", "/mark", {"as": "read", "ids": [str(uuid4())], "all": True}, id="some and all"
        ),
        pytest.param(
            "post", "/mark", {"as": "read", "ids": [str(uuid4())] * 101}, id="too many ids"
        ),
        pytest.param("post", "/mark", {"as": "read", "all": True, "user": 2}, id="a user"),
        pytest.param("post", "/mutes", {"key": "", "muted": True}, id="an empty key"),
        pytest.param("post", "/mutes", {"key": "a\n", "muted": True}, id="a key with a line end"),
        pytest.param("post", "/mutes", {"key": "k" * 101, "muted": True}, id="a long key"),
        pytest.param("post", "/mutes", {"key": "job:7"}, id="muted or not"),
        pytest.param(
            "put",
            "/preferences",
            {"kind": "unheard of", "in_app": True, "email": False},
            id="an unknown kind",
        ),
        pytest.param("put", "/preferences", {"kind": "message", "in_app": True}, id="half a wish"),
        pytest.param(
            "put",
            "/preferences",
            {"kind": "message", "in_app": True, "email": True, "user": 2},
            id="another's wish",
        ),
        pytest.param(
            "post", "/mutes", {"key": "job:7", "muted": True, "user": 2}, id="another's mute"
        ),
    ],
)
def test_a_mistake_is_named(tab, method, path, payload):
    response = getattr(tab, method)(
        f"/api/notifications{path}", **({"data": payload, "content_type": JSON} if payload else {})
    )

    assert response.status_code == 422
    assert response.json()["error"].keys() == {"code", "message"}


@pytest.mark.parametrize("path", ["", "/preferences"])
def test_a_stranger_is_told_nothing(path):
    assert Client().get(f"/api/notifications{path}").status_code == 401
    assert Client().post("/api/notifications/mark", {"as": "read", "all": True}).status_code == 401


class TestPreferences:
    @pytest.fixture(autouse=True)
    def kinds(self, monkeypatch):
        monkeypatch.setattr(preferences, "_kinds", {})
        preferences.register("reports", "Reports", email=True)
        preferences.register("mail", "Mail")

    def test_they_are_as_declared_until_i_choose(self, tab):
        wish = {"kind": "reports", "in_app": False, "email": True}
        before = tab.get("/api/notifications/preferences").json()

        response = tab.put("/api/notifications/preferences", wish, JSON)
        after = tab.get("/api/notifications/preferences").json()

        mail = {"kind": "mail", "name": "Mail", "in_app": True, "email": False}
        assert before["kinds"] == [mail, {**wish, "name": "Reports", "in_app": True}]
        assert (response.status_code, response.content) == (204, b"")
        assert after == {"kinds": [mail, {**wish, "name": "Reports"}], "mutes": []}

    def test_a_wish_may_change(self, tab, alice):
        for in_app in (False, True, False):
            wish = {"kind": "mail", "in_app": in_app, "email": False}
            assert tab.put("/api/notifications/preferences", wish, JSON).status_code == 204

        assert notify(alice, "Title", kind="mail") is None

    def test_what_i_mute_is_listed_as_it_was_called(self, tab, alice):
        notify(alice, "Report: trying again", key="job:7")

        for key, muted in [("job:7", True), ("job:8", True), ("job:7", True), ("job:8", False)]:
            said = {"key": key, "muted": muted}
            assert tab.post("/api/notifications/mutes", said, JSON).status_code == 204

        mutes = tab.get("/api/notifications/preferences").json()["mutes"]
        assert mutes == [{"key": "job:7", "title": "Report: trying again"}]

    def test_one_may_not_mute_without_end(self, tab, alice, monkeypatch):
        monkeypatch.setattr(preferences, "MAX_MUTES", 1)
        said = {"key": "job:7", "muted": True}
        tab.post("/api/notifications/mutes", said, JSON)

        again = tab.post("/api/notifications/mutes", said, JSON)
        another = tab.post("/api/notifications/mutes", {**said, "key": "job:8"}, JSON)

        assert (again.status_code, another.status_code) == (204, 422)
        assert another.json()["error"]["code"] == "too_many_mutes"
        assert Mute.objects.filter(user=alice).count() == 1

"""By which ways people are told, and what they want to hear no more of."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from realtime import inbox, log, preferences
from realtime.inbox import notify
from realtime.models import Mute, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was sent by e-mail, as its way is told."""
    sent = []
    monkeypatch.setattr(preferences, "_sends", {})
    monkeypatch.setattr(preferences, "_kinds", {})
    preferences.register("reports", "Reports")
    preferences.register_way("email", lambda *told: sent.append(told))
    return sent


@pytest.mark.parametrize(
    ("declared", "chosen", "ways"),
    [
        pytest.param(None, None, {"in_app"}, id="nobody said anything"),
        pytest.param((True, True), None, {"in_app", "email"}, id="as declared"),
        pytest.param((False, True), None, {"email"}, id="as declared, by e-mail alone"),
        pytest.param((False, False), None, set(), id="declared for those who ask for it"),
        pytest.param((True, True), (True, False), {"in_app"}, id="less than declared"),
        pytest.param((False, False), (True, True), {"in_app", "email"}, id="more than declared"),
        pytest.param((True, True), (False, False), set(), id="in no way"),
    ],
)
def test_a_person_is_told_as_they_chose_else_as_declared(alice, sent, declared, chosen, ways):
    if declared:
        preferences.register("images", "Images", in_app=declared[0], email=declared[1])
    if chosen:
        preferences.choose(alice.pk, "images", in_app=chosen[0], email=chosen[1])

    told_id = notify(alice, "Title", kind="images", link="/jobs/7/")

    assert Notification.objects.filter(pk=told_id).exists() is ("in_app" in ways)
    assert [(told["id"], who) for told, who in sent] == (
        [(str(told_id), alice.pk)] if "email" in ways else []
    )
    assert (told_id is None) is (not ways)
    assert log.read(f"user:{alice.pk}").head == ("in_app" in ways)


def test_a_way_that_nobody_can_send_by_is_none(alice, monkeypatch):
    monkeypatch.setattr(preferences, "_sends", {})
    preferences.choose(alice.pk, "reports", in_app=False, email=True)

    assert notify(alice, "Title", kind="reports") is None


def test_a_way_that_nobody_can_choose_is_refused():
    with pytest.raises(ValueError, match="'pigeon'"):
        preferences.register_way("pigeon", print)


def test_what_is_muted_is_told_no_more_until_it_is_unmuted(alice, sent):
    first = notify(alice, "trying again", key="job:7")
    preferences.mute(alice.pk, "job:7")

    muted = notify(alice, "failed", key="job:7")
    other = notify(alice, "failed", key="job:8")
    preferences.unmute(alice.pk, "job:7")
    again = notify(alice, "done", key="job:7")

    assert (muted, again) == (None, first)
    assert other is not None
    assert log.read(f"user:{alice.pk}").head == 3


def test_a_mute_is_one_persons(alice):
    preferences.mute(alice.pk, "job:7")

    assert notify(User.objects.create_user("bob"), "Title", key="job:7") is not None


def test_a_mute_goes_with_what_it_is_about_and_no_other_does(alice):
    bob = User.objects.create_user("bob")
    for person, key in ((alice, "job:7"), (alice, "job:8"), (bob, "job:7")):
        preferences.mute(person.pk, key)

    inbox.withdraw(alice, ["job:7"])

    kept = Mute.objects.order_by("key").values_list("user_id", "key")
    assert list(kept) == [(bob.pk, "job:7"), (alice.pk, "job:8")]
    assert log.read(f"user:{alice.pk}").head == 0


def test_what_one_person_wants_changes_nothing_for_another(alice, monkeypatch):
    monkeypatch.setattr(preferences, "MAX_MUTES", 1)
    bob = User.objects.create_user("bob")
    notify(bob, "Bob's own", key="job:7")
    preferences.choose(bob.pk, "reports", in_app=False, email=False)
    preferences.mute(bob.pk, "job:7")
    reports = {"kind": "reports", "name": "Reports", "in_app": True, "email": False}

    assert preferences.shown(alice.pk) == {"kinds": [reports], "mutes": []}
    assert notify(alice, "Title", kind="reports") is not None
    preferences.mute(alice.pk, "job:8")
    preferences.unmute(alice.pk, "job:8")
    preferences.mute(alice.pk, "job:7")
    assert preferences.shown(alice.pk)["mutes"] == [{"key": "job:7", "title": ""}]
    preferences.unmute(alice.pk, "job:7")
    assert preferences.shown(bob.pk)["mutes"] == [{"key": "job:7", "title": "Bob's own"}]


def test_what_is_wanted_of_one_kind_is_not_wanted_of_all(alice):
    preferences.register("images", "Images")
    preferences.choose(alice.pk, "images", in_app=False, email=False)

    assert notify(alice, "Title", kind="images") is None
    assert notify(alice, "Title", kind="reports") is not None

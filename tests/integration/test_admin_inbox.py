"""Inboxes in the admin: looked at and marked by who may, edited by nobody."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from realtime import admin, inbox, log, preferences
from realtime.inbox import notify
from realtime.models import Notification
from tests.people import staff

pytestmark = pytest.mark.django_db

INBOX = "/admin/realtime/notification/"


def act(client, action, *ids):
    form = {"action": action, "_selected_action": [str(each) for each in ids]}
    return client.post(INBOX, form, follow=True)


def test_a_notification_is_shown_as_text(office, alice):
    told_id = notify(alice, "<b>bold</b>", body="<script>alert(1)</script>")

    page = office.get(f"{INBOX}{told_id}/change/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "<b>bold" not in office.get(INBOX).content.decode()


@pytest.mark.parametrize("verb", ["change", "delete", "add"])
def test_nobody_edits_one(office, alice, verb):
    told_id = notify(alice, "Title")
    path = f"{INBOX}add/" if verb == "add" else f"{INBOX}{told_id}/{verb}/"

    assert office.post(path, {"title": "Other", "post": "yes"}).status_code == 403
    assert Notification.objects.get().title == "Title"


@pytest.mark.parametrize(
    ("action", "field"), [("mark_read", "read"), ("archive", "archived")], ids=["read", "archive"]
)
def test_marking_goes_by_the_verbs_and_is_told(office, alice, action, field):
    bob = User.objects.create_user("bob")
    ids = [notify(alice, f"number {n}") for n in range(101)] + [notify(bob, "Title")]

    act(office, action, *ids)

    assert all(inbox.describe(row)[field] for row in Notification.objects.all())
    assert [log.read(f"user:{user.pk}").head for user in (alice, bob)] == [101 + 2, 1 + 1]


def test_marking_has_a_bound(office, alice, monkeypatch):
    monkeypatch.setattr(admin, "MAX_AT_ONCE", 2)
    ids = [notify(alice, f"number {n}") for n in range(3)]

    response = act(office, "archive", *ids)

    said = [str(message) for message in response.context["messages"]]
    assert said == ["Marked as archived: 2.", "Only 2 are marked at once; the others stay."]
    assert Notification.objects.filter(archived_at=None).count() == 1


@pytest.mark.parametrize(
    ("permission", "seen", "marked"),
    [
        pytest.param("view_notification", True, False, id="who may look"),
        pytest.param("change_notification", True, True, id="who may change"),
        pytest.param("view_stream", False, False, id="who may do other things"),
    ],
)
def test_everybody_may_do_what_they_may(alice, permission, seen, marked):
    client, told_id = staff(permission), notify(alice, "Title")

    assert (client.get(INBOX).status_code == 200) is seen
    act(client, "mark_read", told_id)
    assert Notification.objects.filter(read_at=None).exists() is not marked


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=unseen", {"new"}),
        ("state=unread", {"new", "seen"}),
        ("state=read", {"read"}),
        ("state=archived", {"archived"}),
        ("severity__exact=warning", {"read"}),
        ("q=alice", {"new", "seen", "read", "archived"}),
        ("q=job:7", {"seen"}),
        ("q=mallory", set()),
    ],
)
def test_they_are_filtered_and_searched(office, alice, query, expected):
    notify(alice, "new")
    inbox.mark(alice, "seen", [notify(alice, "seen", key="job:7")])
    inbox.mark(alice, "read", [notify(alice, "read", severity="warning")])
    inbox.mark(alice, "archived", [notify(alice, "archived")])

    response = office.get(f"{INBOX}?{query}")

    assert {row.title for row in response.context["cl"].queryset} == expected


def test_preferences_and_mutes_are_looked_at(office, alice):
    preferences.choose(alice.pk, "message", in_app=True, email=True)
    preferences.mute(alice.pk, "job:7")

    for model, shown in [("preference", "message"), ("mute", "job:7")]:
        page = office.get(f"/admin/realtime/{model}/?q=alice")
        assert shown in page.content.decode()
        assert office.post(f"/admin/realtime/{model}/add/", {}).status_code == 403


def test_an_account_goes_with_its_inbox(office, alice):
    notify(alice, "Title")
    preferences.mute(alice.pk, "job:7")

    office.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=alice.pk).exists()
    assert not Notification.objects.exists()

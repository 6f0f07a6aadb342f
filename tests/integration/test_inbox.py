"""What is told to a person, and what their stream says of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from realtime import inbox
from realtime.errors import InvalidNotification
from realtime.inbox import notify
from realtime.models import Notification
from realtime.publish import batch
from tests.delivery import undone
from tests.integration.inboxes import listed, told

pytestmark = pytest.mark.django_db


def test_a_notification_is_kept_and_told(alice):
    action = {"label": "Open", "link": "/jobs/7/"}
    said = {"body": "Ninety rows.", "kind": "reports", "severity": "success", "link": "/jobs/7/"}

    told_id = notify(alice, "Report is done", **said, actions=[action], group="reports:done")

    [shown] = listed(alice)
    assert shown.pop("at").endswith("Z")
    assert shown == said | {
        "id": str(told_id),
        "title": "Report is done",
        "actions": [action],
        "group": "reports:done",
        "key": "",
        "seen": False,
        "read": False,
        "archived": False,
    }
    [event] = told(alice)
    assert event["notification"].pop("at")
    assert event == {
        "type": "notification.created",
        "notification": shown,
        "counts": {"unseen": 1, "unread": 1},
    }


def test_the_newest_is_first(alice):
    ids = [notify(alice, f"number {n}") for n in range(3)]

    assert [shown["id"] for shown in listed(alice)] == [str(each) for each in reversed(ids)]


def test_what_cannot_be_said_changes_nothing(alice):
    with pytest.raises(InvalidNotification):
        notify(alice, "Title", link="javascript:alert(1)")

    assert told(alice) == []
    assert not Notification.objects.exists()


def test_a_user_may_be_given_by_their_key(alice):
    notify(alice.pk, "Title")
    inbox.mark_all(alice.pk, "read")

    assert [shown["read"] for shown in listed(alice.pk)] == [True]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_it_back_and_tells_nothing(alice, wire):
    with undone(transaction.atomic()):
        notify(alice, "Title")
        inbox.mark_all(alice, "read")

    assert (told(alice), listed(alice), wire.heard()) == ([], [], [])


@pytest.mark.django_db(transaction=True)
async def test_it_may_be_told_from_async_code():
    alice = await User.objects.acreate(username="alice")

    told_id = await inbox.anotify(alice, "Title", severity="warning")

    assert await Notification.objects.aget(user=alice, severity="warning") == Notification(
        id=told_id
    )


def test_in_a_batch_it_is_written_at_the_end_and_is_known_before(alice):
    with batch():
        told_id = notify(alice, "Title", key="job:7")
        assert not Notification.objects.exists()

    assert Notification.objects.get().pk == told_id


class TestKeys:
    def test_a_second_one_takes_the_place_of_the_first_and_is_new(self, alice):
        first = notify(alice, "Report: trying again", key="job:7", severity="warning", body="b")
        other = notify(alice, "Other")
        for as_ in ("read", "archived"):
            inbox.mark(alice, as_, [first])

        second = notify(alice, "Report is done", key="job:7", severity="success")

        assert second == first
        newest, oldest = listed(alice)
        assert [newest["id"], oldest["id"]] == [str(first), str(other)]
        changed = {"title": "Report is done", "severity": "success", "body": ""}
        assert newest == newest | changed | {"seen": False, "read": False, "archived": False}
        assert told(alice)[-1] == {
            "type": "notification.changed",
            "notification": newest,
            "counts": {"unseen": 2, "unread": 2},
        }

    def test_it_is_one_persons(self, alice, bob):
        assert notify(alice, "Title", key="job:7") != notify(bob, "Title", key="job:7")
        assert Notification.objects.count() == 2

    def test_of_what_is_withdrawn_nothing_is_left(self, alice, bob):
        gone, stays = notify(alice, "a", key="job:7"), notify(alice, "b", key="job:8")
        notify(bob, "a", key="job:7")
        nameless = notify(alice, "c")

        inbox.withdraw(alice, ["job:7", "job:9"])
        inbox.withdraw(alice, ["job:7", ""])

        assert [shown["id"] for shown in listed(alice)] == [str(nameless), str(stays)]
        assert told(alice)[3:] == [
            {
                "type": "notification.deleted",
                "ids": [str(gone)],
                "counts": {"unseen": 2, "unread": 2},
            }
        ]
        assert len(listed(bob)) == 1

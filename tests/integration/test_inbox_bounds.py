"""How large, how many and how old notifications may become."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from realtime import inbox, inbox_rows, log
from realtime.inbox import notify
from realtime.models import Notification
from realtime.publish import MAX_EVENT_BYTES
from realtime.topics import Topic
from tests.integration.inboxes import listed, told

pytestmark = pytest.mark.django_db


class TestBounds:
    WIDE = "\N{BELL}"  # four bytes of JSON

    def test_an_event_fits_whatever_a_notification_says(self, alice):
        action = {"label": self.WIDE * 40, "link": "/" + "a" * 299}
        notify(
            alice,
            self.WIDE * 200,
            body=self.WIDE * 1000,
            kind=self.WIDE * 60,
            severity="success",
            link="/" + "a" * 299,
            actions=[action] * 3,
            group=self.WIDE * 100,
            key=self.WIDE * 100,
        )

        [(_, data)] = log.read(str(Topic.of_user(alice.pk)), after=0).events
        # Room for counts of four digits and for what events may yet carry beside it.
        assert 7_700 < len(data.encode()) < MAX_EVENT_BYTES - 100

    def test_an_event_fits_with_as_many_ids_as_may_be_marked(self, alice):
        ids = [notify(alice, "Title") for _ in range(100)]

        inbox.mark(alice, "unarchived", ids)
        inbox.mark(alice, "archived", ids)

        assert len(told(alice)[-1]["ids"]) == 100

    def test_the_oldest_goes_when_there_are_too_many(self, alice, bob, monkeypatch):
        monkeypatch.setattr(inbox_rows, "MAX_KEPT", 3)
        notify(bob, "Title")
        ids = [str(notify(alice, f"number {n}")) for n in range(4)]

        assert [shown["id"] for shown in listed(alice)] == ids[:0:-1]
        assert told(alice)[-1] == {
            "type": "notification.deleted",
            "ids": [ids[0]],
            "counts": {"unseen": 3, "unread": 3},
        }
        assert told(alice)[-2]["counts"] == {"unseen": 4, "unread": 4}
        assert len(listed(bob)) == 1

    def test_the_old_ones_go_and_their_people_are_told(self, alice, bob, settings):
        settings.INBOX_KEEP_DAYS = 7
        now = timezone.now()
        old = [notify(alice, f"number {n}") for n in range(101)]
        theirs, stays = notify(bob, "Title"), notify(bob, "Title")
        Notification.objects.filter(pk__in=[*old, theirs]).update(at=now - timedelta(days=8))

        assert inbox.prune(now) == 102
        assert inbox.prune(now) == 0

        first, second = told(alice)[-2:]
        assert sorted(first["ids"] + second["ids"]) == sorted(map(str, old))
        assert [len(first["ids"]), first["counts"]["unread"]] == [100, 1]
        assert [len(second["ids"]), second["counts"]["unread"]] == [1, 0]
        assert [shown["id"] for shown in listed(bob)] == [str(stays)]

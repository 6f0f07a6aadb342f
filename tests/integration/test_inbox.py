"""What is told to a person, what they do with it, and what their stream says of it."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from realtime import inbox, inbox_rows, log
from realtime.errors import InvalidMark, InvalidNotification, UnknownNotification
from realtime.inbox import notify
from realtime.models import Notification
from realtime.publish import MAX_EVENT_BYTES, batch
from realtime.topics import Topic
from tests.delivery import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def bob():
    return User.objects.create_user("bob")


def told(user, after=0):
    """What the person's stream says, without what every event has."""
    page = log.read(str(Topic.of_user(user.pk)), after=after)
    assert [offset for offset, _ in page.events] == list(range(after + 1, page.head + 1))
    events = [json.loads(data) for _, data in page.events]
    return [{k: v for k, v in event.items() if k not in ("v", "at", "c")} for event in events]


def listed(user):
    return inbox.page(user)["notifications"]


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

        inbox.withdraw(alice, ["job:7", "job:9"])
        inbox.withdraw(alice, ["job:7", ""])

        assert [shown["id"] for shown in listed(alice)] == [str(stays)]
        assert told(alice)[2:] == [
            {
                "type": "notification.deleted",
                "ids": [str(gone)],
                "counts": {"unseen": 1, "unread": 1},
            }
        ]
        assert len(listed(bob)) == 1


class TestMarking:
    @pytest.fixture
    def three(self, alice):
        return [notify(alice, f"number {n}") for n in range(3)]

    @pytest.mark.parametrize(
        ("marks", "state", "counts"),
        [
            pytest.param(["seen"], (True, False, False), (2, 3), id="seen"),
            pytest.param(["read"], (True, True, False), (2, 2), id="read is seen"),
            pytest.param(["read", "unread"], (True, False, False), (2, 3), id="unread stays seen"),
            pytest.param(["archived"], (False, False, True), (2, 2), id="archived counts as none"),
            pytest.param(
                ["archived", "unarchived"], (False, False, False), (3, 3), id="back as it was"
            ),
            pytest.param(
                ["read", "archived", "unarchived"], (True, True, False), (2, 2), id="back, read"
            ),
        ],
    )
    def test_old_state_and_event_give_the_new_state(self, alice, three, marks, state, counts):
        for as_ in marks:
            inbox.mark(alice, as_, [three[0]])

        shown = {each["id"]: each for each in listed(alice)}
        row = inbox.describe(Notification.objects.get(pk=three[0]))
        assert (row["seen"], row["read"], row["archived"]) == state
        assert (str(three[0]) in shown) is not row["archived"]
        assert told(alice, after=3) == [
            {
                "type": "notification.marked",
                "as": as_,
                "ids": [str(three[0])],
                "counts": event["counts"],
            }
            for as_, event in zip(marks, told(alice, after=3), strict=True)
        ]
        assert told(alice)[-1]["counts"] == dict(zip(("unseen", "unread"), counts, strict=True))
        assert inbox.counts(alice.pk) == told(alice)[-1]["counts"]

    @pytest.mark.parametrize("as_", ["seen", "read"])
    def test_a_second_time_nothing_is_told(self, alice, three, as_):
        inbox.mark(alice, as_, three[:2])
        before = told(alice)

        inbox.mark(alice, as_, three[:2])
        assert told(alice) == before
        inbox.mark(alice, as_, three)
        assert told(alice)[-1]["ids"] == [str(three[2])]
        inbox.mark_all(alice, as_)
        assert len(told(alice)) == len(before) + 1

    def test_what_was_read_keeps_when_it_was_seen(self, alice, three):
        inbox.mark(alice, "seen", three[:1])
        seen_at = Notification.objects.get(pk=three[0]).seen_at

        inbox.mark_all(alice, "read")

        assert Notification.objects.get(pk=three[0]).seen_at == seen_at
        assert not Notification.objects.filter(seen_at=None).exists()

    def test_all_are_one_event(self, alice, three):
        inbox.mark(alice, "archived", three[:1])
        inbox.mark_all(alice, "read")

        assert told(alice)[-1] == {
            "type": "notification.marked",
            "as": "read",
            "all": True,
            "counts": {"unseen": 0, "unread": 0},
        }
        assert Notification.objects.exclude(read_at=None).count() == 3

    def test_anothers_and_unknown_ones_are_passed_over(self, alice, bob, three):
        theirs = notify(bob, "Title")

        inbox.mark(alice, "read", [theirs, uuid4(), three[0]])
        inbox.mark(alice, "read", [theirs])

        assert told(alice)[-1]["ids"] == [str(three[0])]
        assert listed(bob)[0]["read"] is False
        assert len(told(bob)) == 1

    @pytest.mark.parametrize("as_", ["unseen", "READ", "", None], ids=repr)
    def test_a_mark_that_is_none_is_refused(self, alice, as_):
        with pytest.raises(InvalidMark, match="one of seen, read"):
            inbox.mark(alice, as_, [uuid4()])
        with pytest.raises(InvalidMark, match="one of seen, read"):
            inbox.mark_all(alice, as_)

    def test_too_many_at_once_are_refused(self, alice):
        with pytest.raises(InvalidMark, match="At most 100"):
            inbox.mark(alice, "read", [uuid4() for _ in range(101)])


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


class TestReading:
    def test_a_page_has_its_counts_and_says_whether_there_is_more(self, alice):
        ids = [str(notify(alice, f"number {n}")) for n in range(3)]

        page = inbox.page(alice, limit=2)

        assert [shown["id"] for shown in page["notifications"]] == [ids[2], ids[1]]
        assert (page["counts"], page["hasOlder"]) == ({"unseen": 3, "unread": 3}, True)
        assert inbox.page(alice, limit=3)["hasOlder"] is False

    def test_pages_of_one_moment_follow_each_other_without_a_hole(self, alice):
        ids = {notify(alice, f"number {n}") for n in range(7)}
        Notification.objects.update(at=timezone.now())

        found, before = [], None
        while (page := inbox.find(alice, 2, before=before))[0]:
            found += [row.pk for row in page[0]]
            before = found[-1]

        assert len(found) == 7
        assert set(found) == ids

    @pytest.mark.parametrize(
        ("show", "expected"),
        [("inbox", [1, 0]), ("unread", [0]), ("archived", [2])],
        ids=lambda value: str(value),
    )
    def test_parts_of_it_can_be_shown(self, alice, show, expected):
        ids = [notify(alice, f"number {n}") for n in range(3)]
        inbox.mark(alice, "read", [ids[1]])
        inbox.mark(alice, "archived", [ids[2]])

        rows, _ = inbox.find(alice, 10, show=show)

        assert [row.pk for row in rows] == [ids[n] for n in expected]

    def test_one_kind_can_be_shown(self, alice):
        notify(alice, "Title", kind="images")
        wanted = notify(alice, "Title", kind="reports")

        assert [row.pk for row in inbox.find(alice, 10, kind="reports")[0]] == [wanted]

    def test_anothers_is_no_place_to_go_on_from(self, alice, bob):
        with pytest.raises(UnknownNotification):
            inbox.find(alice, 10, before=notify(bob, "Title"))

    def test_counting_uses_the_indexes_for_it(self):
        from django.db import connection

        if connection.vendor != "sqlite":
            pytest.skip("asks SQLite for its plan")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {inbox_rows._COUNTS}", [1, 1])
            plan = str(cursor.fetchall())
        assert "notification_unseen" in plan
        assert "notification_unread" in plan

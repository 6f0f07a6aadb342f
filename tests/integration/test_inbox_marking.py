"""What people do with what they were told, and what their stream says of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from realtime import inbox
from realtime.errors import InvalidMark
from realtime.inbox import notify
from realtime.models import Notification
from tests.integration.inboxes import listed, told

pytestmark = pytest.mark.django_db


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

"""How an inbox is read: in pages, in parts, and counted."""

from __future__ import annotations

import pytest
from django.utils import timezone

from realtime import inbox, inbox_rows
from realtime.errors import UnknownNotification
from realtime.inbox import notify
from realtime.models import Notification

pytestmark = pytest.mark.django_db


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

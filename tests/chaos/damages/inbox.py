"""Inboxes that are not as their streams tell of them."""

from __future__ import annotations

from tests.chaos.damages.tools import Damage
from tests.chaos.imagined import Imagined, Line


def _told(run: Imagined, what: str) -> Line:
    """Give what the first event of this kind says."""
    events = (event["data"] for event in run.events)
    return next(data for data in events if data["type"] == f"notification.{what}")


def notification_was_not_told(run: Imagined) -> None:
    run.inboxes.rows.append({**run.inboxes.rows[0], "id": "notification-9"})


def notification_is_gone(run: Imagined) -> None:
    del run.inboxes.rows[0]


def notification_is_in_another_inbox(run: Imagined) -> None:
    run.inboxes.rows[0]["owner"] = 2


def notification_says_something_else(run: Imagined) -> None:
    run.inboxes.rows[0]["title"] = "another"


def mark_was_not_written(run: Imagined) -> None:
    run.inboxes.rows[0]["read"] = False


def mark_was_not_told(run: Imagined) -> None:
    run.inboxes.rows[-1]["archived"] = True


def mark_was_told_of_another(run: Imagined) -> None:
    _told(run, "marked")["ids"] = ["notification-9"]


def end_was_told_of_another(run: Imagined) -> None:
    _told(run, "deleted")["ids"] = ["notification-3"]


def counts_are_of_another_moment(run: Imagined) -> None:
    _told(run, "created")["counts"] = {"unseen": 2, "unread": 2}


BEFORE: dict[Damage, str] = {}
AFTER: dict[Damage, str] = dict.fromkeys(
    (
        notification_was_not_told,
        notification_is_gone,
        notification_is_in_another_inbox,
        notification_says_something_else,
        mark_was_not_written,
        mark_was_not_told,
        mark_was_told_of_another,
        end_was_told_of_another,
        counts_are_of_another_moment,
    ),
    "inbox differs",
)

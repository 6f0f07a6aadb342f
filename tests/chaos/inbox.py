"""A person's inbox as the events of their stream tell of it."""

from __future__ import annotations

from typing import Any

from tests.chaos.reading import Card

CREATED, CHANGED = "notification.created", "notification.changed"
MARKED, DELETED = "notification.marked", "notification.deleted"
#: What a mark changes of a notification.
_CHANGES: dict[str, dict[str, bool]] = {
    "seen": {"seen": True},
    "read": {"seen": True, "read": True},
    "unread": {"read": False},
    "archived": {"archived": True},
    "unarchived": {"archived": False},
}


class Inbox:
    """The notifications that somebody would have who heard every event from the first on."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}

    def take(self, type_: str, data: dict[str, Any]) -> None:
        """Apply one event; those of other types change nothing."""
        if type_ in (CREATED, CHANGED):
            told = data["notification"]
            self.cards[told["id"]] = Card(*(told[name] for name in Card._fields))
        elif type_ == MARKED:
            changes = _CHANGES[data["as"]]
            for key in list(self.cards) if data.get("all") else data["ids"]:
                self.cards[key] = self.cards[key]._replace(**changes)
        elif type_ == DELETED:
            for key in data["ids"]:
                del self.cards[key]

    @property
    def counts(self) -> dict[str, int]:
        """Count what is unseen and unread; what is archived is neither."""
        shown = [card for card in self.cards.values() if not card.archived]
        unseen, unread = (sum(not getattr(card, how) for card in shown) for how in ("seen", "read"))
        return {"unseen": unseen, "unread": unread}

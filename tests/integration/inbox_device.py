"""One of a person's tabs or devices, as far as the inbox goes: what it knows, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What each mark makes of a notification.
_MARKS: Mapping[str, Mapping[str, bool]] = {
    "seen": {"seen": True},
    "read": {"seen": True, "read": True},
    "unread": {"read": False},
    "archived": {"archived": True},
    "unarchived": {"archived": False},
}


class Device:
    """Knows notifications by id, and counts, as of an offset of the person's stream."""

    def __init__(self, notifications: list[dict[str, Any]] = [], offset: int = 0) -> None:  # noqa: B006 (it is read only)
        self.known = {each["id"]: each for each in notifications}
        self.offset = offset
        self.counts = {"unseen": 0, "unread": 0}

    def hear(self, offset: int, event: Mapping[str, Any]) -> None:
        """Take the next event of the stream, and no other."""
        assert offset == self.offset + 1
        self.offset = offset
        match event["type"]:
            case "notification.created" | "notification.changed":
                self.known[event["notification"]["id"]] = event["notification"]
            case "notification.marked":
                for each in list(self.known) if "all" in event else event["ids"]:
                    self.known[each] = {**self.known[each], **_MARKS[event["as"]]}
            case "notification.deleted":
                for each in event["ids"]:
                    self.known.pop(each, None)
            case _:
                return
        self.counts = event["counts"]

    def counted(self) -> dict[str, int]:
        """Count what is known, as the server counts."""
        present = [each for each in self.known.values() if not each["archived"]]
        return {
            "unseen": sum(not each["seen"] for each in present),
            "unread": sum(not each["read"] for each in present),
        }

    def listed(self) -> list[dict[str, Any]]:
        """Give what is known in the order of the list: newest first."""
        return sorted(self.known.values(), key=lambda each: (each["at"], each["id"]), reverse=True)

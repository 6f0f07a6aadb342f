"""What the people of an imagined run are notified of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Line = dict[str, Any]


class ImaginedInboxes:
    """Everybody's notifications; ``tell`` appends an event to a user's stream."""

    def __init__(self, tell: Callable[[int, Line], None]) -> None:
        self._tell = tell
        self.rows: list[Line] = []

    def notify(self, user: int, title: str) -> None:
        state = {"seen": False, "read": False, "archived": False}
        told = {"id": f"notification-{len(self.rows) + 1}", "title": title, **state}
        self.rows.append({**told, "owner": user})
        self._tell_of(user, "created", notification=told)

    def read(self, user: int, *ids: str) -> None:
        """Mark these as read, or all of them."""
        for row in self._of(user):
            if row["id"] in ids or not ids:
                row["seen"] = row["read"] = True
        which: Line = {"ids": list(ids)} if ids else {"all": True}
        self._tell_of(user, "marked", **{"as": "read"}, **which)

    def withdraw(self, user: int, key: str) -> None:
        self.rows = [row for row in self.rows if row["id"] != key]
        self._tell_of(user, "deleted", ids=[key])

    def _of(self, user: int) -> list[Line]:
        return [row for row in self.rows if row["owner"] == user]

    def _tell_of(self, user: int, what: str, **said: Any) -> None:
        rows = self._of(user)
        counts = {f"un{how}": sum(not row[how] for row in rows) for how in ("seen", "read")}
        self._tell(user, {"type": f"notification.{what}", **said, "counts": counts})

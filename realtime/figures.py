"""A person's figures: what a page shows of them at a glance, counted by whoever knows.

Apps register theirs in ``AppConfig.ready``: ``register("running_jobs", running_jobs)``. All of
a person's figures are counted together and remembered under their topic, so whatever changes
one must tell ``user:<id>`` of it in the same transaction: that event forgets them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from realtime import cache
from realtime.cache import Position
from realtime.topics import Topic

#: Takes a user's key and gives JSON, from the database.
Count = Callable[[Any], Any]

_counts: dict[str, Count] = {}


def register(name: str, count: Count) -> None:
    """Have ``count(user_id)`` among everybody's figures; a name that is taken is replaced."""
    _counts[name] = count


def of(user_id: Any, since: Position | None = None) -> dict[str, Any]:
    """Give a user's figures by name, with every event up to ``since`` in them.

    Without ``since`` they have in them what was heard of through Redis, or are at most a
    minute old.
    """

    def count() -> dict[str, Any]:
        return {name: count(user_id) for name, count in sorted(_counts.items())}

    found: dict[str, Any] = cache.read(str(Topic.of_user(user_id)), count, since)
    # Another release remembers other figures: they are counted here, not missed.
    return found if found.keys() == _counts.keys() else count()

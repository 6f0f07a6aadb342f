"""A person who is deleted: what is locked before anything of theirs goes.

Everybody locks in one order: a job's row, the user's, streams, an inbox's rows. Django deletes in
an order of its own. Without these locks a deletion and whoever tells the person something wait for
each other, or a notification that is told meanwhile makes the deletion fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

from realtime import log
from realtime.topics import Topic

#: Locks rows of a user's, by the user's key.
Lock = Callable[[Any], None]

_locks: list[Lock] = []


def register(lock: Lock) -> None:
    """Have rows locked that others lock before they lock the person's stream."""
    _locks.append(lock)


def begin(instance: Any, **_: Any) -> None:
    """Lock all that is to go: receives the user model's ``pre_delete``."""
    for lock in _locks:
        lock(instance.pk)
    users = get_user_model()._base_manager.select_for_update(no_key=True)
    users.filter(pk=instance.pk).values_list("pk").first()
    log.lock([str(Topic.of_user(instance.pk))])


def is_over(user_id: Any) -> bool:
    """Tell whether the user is gone; asked under the lock of their stream, it stays so."""
    return not get_user_model()._base_manager.filter(pk=user_id).exists()

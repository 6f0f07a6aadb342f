"""Bugs that the checker must find: each is planted into the running platform by its name.

The platform knows nothing of them. Each takes away one thing that a promise rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.exceptions import ImproperlyConfigured

from tests.chaos.app.bugs import delivery, durability, inbox, work

BUGS: Mapping[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (
        durability.publish_before_commit,
        durability.offset_by_max,
        durability.silent_replay_limit,
        durability.replay_with_the_last_seen,
        durability.replay_backwards,
        durability.revocation_by_hint_only,
        delivery.no_position_check,
        delivery.read_before_joining,
        delivery.no_subscribe_after_reconnect,
        delivery.unbounded_send,
        work.answer_before_commit,
        work.told_to_a_neighbour,
        work.no_reconciler,
        work.no_token_on_final_update,
        work.no_final_state_guard,
        inbox.marked_in_silence,
    )
}


def plant(name: str) -> None:
    """Plant a bug in this process; ImproperlyConfigured if there is none of this name."""
    try:
        bug = BUGS[name]
    except KeyError:
        raise ImproperlyConfigured(f"{name} is none of the bugs {', '.join(BUGS)}.") from None
    bug()

"""Who may hear what. Apps register a rule for their kind of topic; without one: nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from realtime import accounts
from realtime.errors import UnknownTopic
from realtime.layer import Changed, encode
from realtime.publish import tell
from realtime.topics import Topic

logger = logging.getLogger(__name__)

#: ``rule(user, topic)``: synchronous, may query; the user is active and signed in.
Rule = Callable[[Any, Topic], bool]


@dataclass(frozen=True, slots=True)
class _Registered:
    rule: Rule
    every_seconds: float


_rules: dict[str, _Registered] = {}


def register(kind: str, rule: Rule, every: float = 10.0) -> None:
    """Let ``rule`` decide who hears topics ``kind:…``, asked again ``every`` seconds."""
    _rules[kind] = _Registered(rule, every)


def may_hear(user_id: str, topic: Topic) -> bool:
    """Ask the topic's rule about a person; a kind without a rule is an UnknownTopic."""
    rule = _registered(topic).rule
    user = accounts.users([user_id]).get(user_id)
    return user is not None and rule(user, topic)


def may_still_hear(user: Any, topic: Topic) -> bool | None:
    """Ask the topic's rule again about an active user; None if the rule fails."""
    try:
        return bool(_registered(topic).rule(user, topic))
    except Exception:
        # Other people's code: a query of theirs that fails must not throw everybody out.
        logger.exception("No answer for %s", topic, extra={"action": "permissions.rule_failed"})
        return None


def asked_every(topic: Topic) -> float:
    """Say after how many seconds the topic's rule is asked again."""
    return _registered(topic).every_seconds


def changed(topic: Topic) -> None:
    """Have every process ask the topic's rule again on commit, for all who hear it.

    Say so when a row that the rule reads was changed. It is a hint: where it is lost, the rule
    is asked when its time comes.
    """

    # A def, not a partial: Django logs a robust hook's __qualname__ when it fails.
    def tell_it() -> None:
        tell([(topic.group, encode(Changed(str(topic))))])

    transaction.on_commit(tell_it, robust=True)


def _registered(topic: Topic) -> _Registered:
    registered = _rules.get(topic.kind)
    if registered is None:
        raise UnknownTopic(str(topic))
    return registered


def _own(user: Any, topic: Topic) -> bool:
    return topic == Topic.of_user(user.pk)


def _anybody(user: Any, topic: Topic) -> bool:
    return topic.key == "all"


register("user", _own)
register("site", _anybody)

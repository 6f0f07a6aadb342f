"""Who may hear what. Apps register a rule for their kind of topic; without one: nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


def may_still_hear(user: Any, topic: Topic) -> bool:
    """Ask the topic's rule again about an active user; a rule that fails changes nothing."""
    try:
        return _registered(topic).rule(user, topic)
    except Exception:
        # Other people's code: a query of theirs that fails must not throw everybody out.
        logger.exception("No answer for %s", topic, extra={"action": "permissions.rule_failed"})
        return True


def asked_every(topic: Topic) -> float:
    """Say after how many seconds the topic's rule is asked again."""
    return _registered(topic).every_seconds


def changed(topic: Topic) -> None:
    """Have every process ask the topic's rule again now, for all who hear it.

    For what Django does not announce: a row that the rule reads was changed. A hint that is
    lost costs the time until the rule is asked anyway.
    """
    tell([(topic.group, encode(Changed(str(topic))))])


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

"""Who may hear what. Apps register a rule for their kind of topic; without one: nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from realtime.errors import UnknownTopic
from realtime.topics import Topic

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
    registered = _rules.get(topic.kind)
    if registered is None:
        raise UnknownTopic(str(topic))
    user = get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()
    return user is not None and registered.rule(user, topic)


def _own(user: Any, topic: Topic) -> bool:
    return topic == Topic.of_user(user.pk)


def _anybody(user: Any, topic: Topic) -> bool:
    return topic.key == "all"


register("user", _own)
register("site", _anybody)

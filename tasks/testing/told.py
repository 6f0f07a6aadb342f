"""What a person was told: the events of their topic, as the log has them."""

from __future__ import annotations

import json
from typing import Any

from realtime.models import Event
from realtime.topics import Topic


def told(user: Any) -> list[dict[str, Any]]:
    """Give the events of a person, the oldest first, as their pages are sent them."""
    kept = Event.objects.filter(stream__topic=str(Topic.of_user(user.pk))).order_by("offset")
    return [json.loads(event.data) for event in kept]


def assert_notified(user: Any, type_: str, **fields: Any) -> dict[str, Any]:
    """Give the latest event of this type that a person was told, with these fields.

    A field is one of the event or of what it is about: ``kind`` of ``job.succeeded`` is that of
    its ``job``, ``title`` of ``notification.created`` that of its ``notification``.
    AssertionError, with all that they were told, if there is none.
    """
    events = told(user)
    fitting = [e for e in events if e["type"] == type_ and matches(e, fields)]
    if fitting:
        return fitting[-1]
    wanted = f"{type_} {fields}" if fields else type_
    heard = "\n  ".join(json.dumps(event) for event in events) or "nothing"
    raise AssertionError(f"{user} was not told of {wanted}, but of\n  {heard}")


def matches(event: dict[str, Any], fields: dict[str, Any]) -> bool:
    """Tell whether an event, or what it is about, has these fields."""
    about = event.get(event["type"].partition(".")[0])
    known = {**(about if isinstance(about, dict) else {}), **event}
    return fields.items() <= {name: known[name] for name in fields if name in known}.items()

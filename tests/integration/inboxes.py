"""What people's inboxes show, and what their streams say of it."""

from __future__ import annotations

import json

from realtime import inbox, log
from realtime.topics import Topic


def told(user, after=0):
    """What the person's stream says, without what every event has."""
    page = log.read(str(Topic.of_user(user.pk)), after=after)
    assert [offset for offset, _ in page.events] == list(range(after + 1, page.head + 1))
    events = [json.loads(data) for _, data in page.events]
    return [{k: v for k, v in event.items() if k not in ("v", "at", "c")} for event in events]


def listed(user):
    return inbox.page(user)["notifications"]

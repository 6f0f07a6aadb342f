"""What was appended to anybody's log, in order."""

from __future__ import annotations

import json

from realtime.models import Event


def events():
    return [json.loads(event.data) for event in Event.objects.order_by("id")]


def types():
    """Of those events."""
    return [event["type"] for event in events()]

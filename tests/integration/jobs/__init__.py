"""The verbs of a job's life, one by one: what their tests share."""

from __future__ import annotations

import json
from datetime import timedelta

from django.utils import timezone

from realtime.models import Event
from tasks.models import Job


def told():
    """What was appended to anybody's log, in order, and the state that it spoke of."""
    events = [json.loads(event.data) for event in Event.objects.order_by("id")]
    return [(event["type"], event["job"]["state"]) for event in events]


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

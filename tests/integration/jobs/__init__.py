"""The verbs of a job's life, one by one: what their tests share."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks.models import Job
from tests.integration.appended import events


def told():
    """What was appended to anybody's log, in order, and the state that it spoke of."""
    return [(event["type"], event["job"]["state"]) for event in events()]


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

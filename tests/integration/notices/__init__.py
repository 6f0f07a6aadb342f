"""What a job's owner is notified of: what its tests share."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks import jobs
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.states import State
from tests.integration.inboxes import told

AGAIN = Outcome(State.RETRYING, {"error": "The server is away."})
DONE, STOPPED = Outcome(State.SUCCEEDED), Outcome(State.CANCELLED)


def run(*outcomes):
    for outcome in outcomes:
        Job.objects.update(run_after=timezone.now() - timedelta(hours=1))
        jobs.settle(jobs.claim("default", "w1"), outcome)


def types(user):
    """Of what the person was told."""
    return [event["type"] for event in told(user)]

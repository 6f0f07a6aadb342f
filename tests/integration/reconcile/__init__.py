"""What was left behind: what the reconciler's tests share."""

from __future__ import annotations

from datetime import timedelta

from tasks.models import Job

LONG_AGO = timedelta(minutes=5)


def age(**changes):
    Job.objects.update(**changes)

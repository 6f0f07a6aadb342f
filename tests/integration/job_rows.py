"""Jobs as rows, which nobody had to enqueue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from tasks.models import Job
from tasks.states import State


def job_of(owner: User, **fields: Any) -> Job:
    return Job.objects.create(owner=owner, **{"kind": "reports", "queue": "reports", **fields})


def took(
    owner: User, seconds: float, total: int | None = None, kind: str = "reports", ago: float = 0
) -> Job:
    """A job that succeeded after so many seconds, so many seconds ago."""
    ended = timezone.now() - timedelta(seconds=ago)
    times = {"started_at": ended - timedelta(seconds=seconds), "finished_at": ended}
    progress = total and {"current": total, "total": total}
    return job_of(owner, state=State.SUCCEEDED, kind=kind, progress=progress, **times)

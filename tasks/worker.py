"""The one Celery task. Its message names a queue; the queue's next job is what is run."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from tasks import jobs, keeper, outcomes, schedule  # noqa: F401 (schedule's tasks are found here)
from tasks.errors import JobCancelled, LeaseLost
from tasks.job import find
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.retry import Retry
from tasks.run import Run
from tasks.sentences import took_too_long
from tasks.wake import TASK

logger = logging.getLogger(__name__)


@shared_task(name=TASK, bind=True)
def work(self: Task[Any, Any], queue: str) -> None:
    """Claim the queue's next job, if there is one, and run it to the end of its attempt."""
    job = jobs.claim(queue, f"{self.request.hostname}/{os.getpid()}")
    if job is not None:
        perform(job, self.soft_time_limit or self.app.conf.task_soft_time_limit)


def perform(job: Job, limit_seconds: float | None = None) -> None:
    """Run a claimed job's function under the keeper's eye and settle how it ended."""
    run = Run(job, keeper.notice)
    keeper.watch(run)
    try:
        outcome = _attempt(run, limit_seconds)
        keeper.release(run)
        _settle(run, outcome)
    except LeaseLost:
        logger.warning(
            "Attempt %s of job %s was taken over.",
            job.attempt,
            job.pk,
            extra={"action": "job.lease_lost"},
        )
    finally:
        keeper.release(run)


def _attempt(run: Run, limit_seconds: float | None) -> Outcome:
    retry = Retry()
    try:
        function = find(run.kind)
        retry = function.retry
        return outcomes.returned(function.run(run), run.keep)
    except LeaseLost:
        raise
    except JobCancelled:
        return outcomes.CANCELLED
    except SoftTimeLimitExceeded:
        return outcomes.failed(took_too_long(limit_seconds))
    except Exception as error:  # a job's function may raise what it likes
        logger.warning("Job %s raised %r.", run.id, error, extra={"action": "job.raised"})
        return outcomes.raised(error, retry, run.attempt, timezone.now())


def _settle(run: Run, outcome: Outcome) -> None:
    latest = run.meter.latest
    progress = None if latest is None else latest.as_json()
    try:
        jobs.settle(run.job, outcome, progress)
    except SoftTimeLimitExceeded:
        # The limit struck between the function's end and the commit; it strikes only once.
        jobs.settle(run.job, outcome, progress)

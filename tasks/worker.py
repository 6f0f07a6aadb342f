"""The one Celery task. Its message names a queue; the queue's next job is what is run."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from billiard import current_process
from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded

from tasks import board, boot, jobs, keeper, leavings, outcomes, warden  # noqa: F401 (Celery finds boot's receivers here)
from tasks.alarm import alarm_after
from tasks.errors import JobCancelled, LeaseLost
from tasks.excuses import took_too_long
from tasks.handler import listening
from tasks.job import JobFunction, find
from tasks.models import Job
from tasks.outcomes import Outcome
from tasks.retry import Retry
from tasks.run import Run
from tasks.wake import TASK

logger = logging.getLogger(__name__)


@shared_task(name=TASK, bind=True)
def work(self: Task[Any, Any], queue: str) -> None:
    """Claim the queue's next job, if there is one, and run it to the end of its attempt."""
    job = jobs.claim(queue, f"{self.request.hostname}/{os.getpid()}")
    if job is not None:
        perform(job)


def perform(job: Job) -> None:
    """Run a claimed job's function, looked after by keeper and warden; settle how it ended."""
    seat, is_dying = _take_seat(job), False
    run = Run(job, seat, keeper.notice)
    try:
        keeper.watch(run)
        outcome = _attempt(run)
        keeper.release(run)
        # It has done its work in time: a database that is away must not make it late.
        seat.kill_at(time.monotonic() + jobs.SETTLE_SECONDS)
        run.scribe.finish()
        _settle(run, outcome)
    except SystemExit:
        # The process is about to end; on the board the main process sees that this went with it.
        is_dying = board.current().is_shared
        raise
    except LeaseLost:
        logger.warning(
            "Attempt %s of job %s was taken over.",
            job.attempt,
            job.pk,
            extra={"action": "job.lease_lost"},
        )
    finally:
        keeper.release(run)
        if not is_dying:
            seat.leave()


def perform_alone(job: Job) -> None:
    """Run a claimed job in this thread with nobody looking after it, as tests do.

    No other thread or connection takes part, so it may be in a transaction of the caller's.
    """
    run = Run(job)
    outcome = _attempt(run)
    run.scribe.finish()
    _settle(run, outcome)


def _take_seat(job: Job) -> board.Seat:
    mine = board.current()
    if not mine.is_shared:  # nobody else looks after this process
        warden.start_here(mine)
    index = getattr(current_process(), "index", 0)
    return mine.take(job.token, job.pk, time.monotonic() + job.time_limit, index, job.kind)


def _attempt(run: Run) -> Outcome:
    retry = Retry()
    try:
        function = find(run.kind)
        retry = function.retry
        return outcomes.returned(_call(function, run), run.keep)
    except LeaseLost:
        raise
    except JobCancelled:
        return outcomes.CANCELLED
    except SoftTimeLimitExceeded:
        return outcomes.failed(took_too_long(function.soft_time_limit))
    except Exception as error:  # a job's function may raise what it likes
        logger.warning("Job %s raised %r.", run.id, error, extra={"action": "job.raised"})
        return outcomes.raised(error, retry, run.attempt)


def _call(function: JobFunction, run: Run) -> Any:
    seconds = function.soft_time_limit
    run.late_at = time.monotonic() + seconds
    with leavings.none_left(), listening(run.output), alarm_after(seconds):
        return function.run(run)


def _settle(run: Run, outcome: Outcome) -> None:
    latest = run.meter.latest
    jobs.settle(run.job, outcome, None if latest is None else latest.as_json())

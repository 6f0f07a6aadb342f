"""Jobs and their timelines as JSON, as the API and the command line show them."""

from __future__ import annotations

from typing import Any

from tasks import files, steps, waiting
from tasks.announce import describe, moment
from tasks.models import Job, Step

#: Who made a step, told to an owner where the name would be a machine's.
A_WORKER = "worker"


def of_job(job: Job) -> dict[str, Any]:
    """Give a job whole: as events tell of it, and with what it was given and what came of it."""
    return {
        **describe(job),
        "owner": steps.name_of(job.owner),
        "repeat_of": job.repeat_of_id and str(job.repeat_of_id),
        "expected_wait": waiting.expected_wait(job),
        "arguments": job.arguments,
        "result": job.result,
        "files": [files.describe(file) for file in job.files.all()],
    }


def of_step(step: Step, *, for_staff: bool) -> dict[str, Any]:
    """Give a step; the worker's name and the traceback, which only staff see, are else null."""
    is_by_worker = bool(step.worker) and step.by == step.worker
    return {
        "at": moment(step.at),
        "name": step.name,
        "by": A_WORKER if is_by_worker and not for_staff else step.by,
        "attempt": step.attempt,
        "error": step.error,
        "worker": step.worker if for_staff else None,
        "traceback": step.traceback if for_staff else None,
    }

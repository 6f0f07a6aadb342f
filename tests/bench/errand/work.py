"""The job that does nothing, and the one receiver that both sides of the benchmark have."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from tasks.job import Run, job
from tasks.signals import job_finished


@job(queue="bench")
def errand(job: Run) -> dict[str, Any]:
    """Return at once."""
    return {"done": True}


@receiver(job_finished)
def finished(**_: Any) -> None:
    """Hear that a job has ended."""

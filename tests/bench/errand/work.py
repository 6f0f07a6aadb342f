"""Jobs that do nothing, and the one receiver that both sides of the benchmark have."""

from __future__ import annotations

import os
from typing import Any

from django.dispatch import receiver

from tasks import warden
from tasks.job import Run, job
from tasks.signals import job_finished
from tests.bench.errand import LOOK_SECONDS
from tests.bench.stamps import stamp

if seconds := os.environ.get(LOOK_SECONDS):
    warden.LOOK_SECONDS = float(seconds)


@job(queue="bench")
def errand(job: Run) -> dict[str, Any]:
    """Return at once."""
    return {"done": True}


@job(queue="bench")
def stamped(job: Run, *, number: int) -> dict[str, Any]:
    """Write down when it began."""
    stamp(number)
    return {"done": True}


@receiver(job_finished)
def finished(**_: Any) -> None:
    """Hear that a job has ended."""

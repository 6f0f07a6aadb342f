"""What a job's function says: what its tests share."""

from __future__ import annotations

from tasks import jobs
from tasks.job import Run
from tasks.models import OutputLine
from tasks.outcomes import Outcome
from tasks.states import State


def kept():
    return list(OutputLine.objects.order_by("n").values_list("n", "attempt", "level", "text"))


def next_attempt(run):
    """Have an attempt end, to be tried again; give the one that follows."""
    run.scribe.finish()
    jobs.settle(run.job, Outcome(State.RETRYING, wait_seconds=0))
    return Run(jobs.claim("default", "w2"))

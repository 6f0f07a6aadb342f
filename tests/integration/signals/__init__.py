"""The signals of a job's life: what their tests share."""

from __future__ import annotations

from tasks import jobs
from tasks.outcomes import Outcome


def run_to(state, owner, function):
    function.enqueue(owner=owner)
    return jobs.settle(jobs.claim("default", "w1"), Outcome(state))

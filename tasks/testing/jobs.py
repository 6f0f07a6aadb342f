"""Running jobs in the test's own process and, where it is inside one, its own transaction."""

from __future__ import annotations

from itertools import chain

from tasks import jobs
from tasks.conf import conf
from tasks.models import Job
from tasks.worker import perform_alone

#: A job that enqueues the next one might do so for ever.
MOST = 1_000


def run_jobs() -> list[Job]:
    """Run the jobs that are due until none is, by queue and in order; return them as they ended.

    Also those that jobs enqueue. One that is to be tried again later is not waited for. No
    worker takes part: nothing is killed at its time limit, and of progress only the last counts.
    AssertionError after a thousand.
    """
    ran: list[Job] = []
    while job := _claim():
        perform_alone(job)
        ran.append(job)
        assert len(ran) < MOST, f"{MOST} jobs ran, and there is still one more."  # noqa: S101
    found = Job.objects.in_bulk([job.pk for job in ran])
    return [found[pk] for pk in dict.fromkeys(job.pk for job in ran) if pk in found]


def _claim() -> Job | None:
    waiting = Job.objects.exclude(queue__in=conf.JOB_QUEUES).values_list("queue", flat=True)
    queues = chain(conf.JOB_QUEUES, waiting.distinct())
    return next(filter(None, (jobs.claim(queue, "tests") for queue in queues)), None)

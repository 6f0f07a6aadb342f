"""Finds what was left behind: jobs that nobody was woken for, and jobs whose worker was lost.

Any number of reconcilers may run: every step is a conditional UPDATE or a hint.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from realtime import metrics
from realtime.redis import RedisDown, redis_command
from tasks import interventions
from tasks.models import NO_QUEUE, Job
from tasks.patience import OF_RECONCILERS, impatient
from tasks.states import CLAIMABLE, State
from tasks.transient import is_transient
from tasks.wake import wake

logger = logging.getLogger(__name__)

#: A job that was just recorded has a message of its own on the way.
PATIENCE = timedelta(seconds=2)
#: At most so many messages per queue and look.
MAX_WAKES = 1_000
#: At most so many lost or late jobs per look, oldest first.
MAX_TAKEN = 500
#: How long wardens, which try once a second, get to renew leases that ran out while the
#: database was locked or gone.
GRACE_SECONDS = 2.5
#: How long after its deadline an attempt is left to its worker, which can kill it.
LATE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found: messages sent, jobs taken from lost workers, jobs timed out."""

    woken: int = 0
    lost: int = 0
    late: int = 0


def reconcile() -> Found:
    """Look once; return what was found."""
    with impatient(OF_RECONCILERS):
        return Found(woken=wake_forgotten(), lost=take_lost(), late=time_out_late())


def wake_forgotten() -> int:
    """Wake every queue that has more jobs due than messages waiting; return how many times."""
    now = Now()  # the database's: this machine's may be a day behind
    # Queued by a server whose clock is ahead: due at once, however late that seems here.
    ahead = Q(run_after__gt=now, run_after__lte=F("queued_at"))
    forgotten = Q(state=State.QUEUED) & (Q(run_after__lte=now - PATIENCE) | ahead)
    due = Q(state=State.RETRYING, run_after__lte=now)
    waiting = _waiting().filter(forgotten | due).values_list("queue").annotate(Count("pk"))
    woken = 0
    for queue, count in waiting.order_by():
        times = min(count - messages_waiting(queue), MAX_WAKES)
        if times > 0:
            wake(queue, times)
            woken += times
    return woken


def seconds_to_next_due(most: float) -> float:
    """Tell when the next job falls due that waits for its time, from 0 to ``most`` seconds."""
    now = timezone.now()
    later = _waiting().filter(run_after__gt=now, run_after__lt=now + timedelta(seconds=most))
    due = later.aggregate(first=Min("run_after"))["first"]
    return most if due is None else max(0.0, (due - timezone.now()).total_seconds())


def messages_waiting(queue: str) -> int:
    """Count the messages that no worker has taken yet; none if Redis does not answer.

    Without this a long backlog would be given the same hints again at every look.
    """
    prefix = current_app.conf.broker_transport_options.get("global_keyprefix", "")
    try:
        return int(redis_command("LLEN", f"{prefix}{queue}"))
    except RedisDown:
        return 0


def take_lost() -> int:
    """Retry or fail the running jobs whose lease is over; return how many."""
    if not _expired():
        return 0
    _let_wardens_write()
    lost = [job for job in _expired() if _taken(interventions.lose_expired, job)]
    for job in lost:
        metrics.leases_lost.inc()
        logger.warning("The worker of job %s was lost.", job.pk, extra={"action": "job.lost"})
    return len(lost)


def time_out_late() -> int:
    """Fail the running jobs that nobody has stopped at their time limit; return how many."""
    if not _late():
        return 0
    # One that has done its work may be waiting for a database that was away, to say so.
    _let_wardens_write()
    timed_out = [job for job in _late() if _taken(interventions.time_out, job)]
    for job in timed_out:
        logger.warning("Job %s took too long.", job.pk, extra={"action": "job.timed_out"})
    return len(timed_out)


def _late() -> list[Job]:
    late = Job.objects.filter(state=State.RUNNING, deadline__lt=Now() - LATE)
    return list(late.order_by("deadline")[:MAX_TAKEN])


def _taken(take: Callable[[Job, str], Job | None], job: Job) -> bool:
    """Try to take a job; one whose row somebody holds is left for the next look."""
    try:
        return take(job, _name()) is not None
    except (DatabaseError, InterfaceError) as error:
        if not is_transient(error):
            raise
        logger.warning("Job %s could not be taken.", job.pk, extra={"action": "reconcile.held"})
        return False


def _waiting() -> QuerySet[Job]:
    """Give the jobs that a worker may claim; a plain Celery task, with no queue, is Celery's."""
    return Job.objects.filter(state__in=CLAIMABLE).exclude(queue=NO_QUEUE)


def _expired() -> list[Job]:
    running = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    return list(running.order_by("lease_until")[:MAX_TAKEN])


def _let_wardens_write() -> None:
    """Wait until the database takes writes, then give it to the wardens for a moment.

    A function in one long transaction keeps its warden from SQLite's write lock, and a
    server that is away keeps all of them from renewing. Nobody was lost by that, so a lease
    counts only if it stays unrenewed while it could be.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    time.sleep(GRACE_SECONDS)


def _name() -> str:
    return f"reconciler {socket.gethostname()}"

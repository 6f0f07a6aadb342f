"""Finds what was left behind: jobs that nobody was woken for, and jobs whose worker was lost.

Any number of reconcilers may run: every step is a conditional UPDATE or a hint.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from realtime import metrics
from realtime.redis import RedisDown, redis_command
from tasks import interventions
from tasks.models import Job
from tasks.states import State
from tasks.wake import wake

logger = logging.getLogger(__name__)

#: A job that was just recorded has a message of its own on the way.
PATIENCE = timedelta(seconds=2)
#: At most so many messages per queue and look.
MAX_WAKES = 1_000
#: At most so many lost jobs per look, oldest first.
MAX_LOST = 500
#: How long keepers, which try once a second, get to renew leases that ran out while the
#: database was locked or gone.
GRACE_SECONDS = 2.5


def reconcile() -> tuple[int, int]:
    """Look once; return how many messages were sent and how many jobs taken from the lost."""
    return wake_forgotten(), take_lost()


def wake_forgotten() -> int:
    """Wake every queue that has more jobs due than messages waiting; return how many times."""
    now = timezone.now()
    # Queued by a server whose clock is ahead: due at once, however late that seems here.
    ahead = Q(run_after__gt=now, run_after__lte=F("queued_at"))
    forgotten = Q(state=State.QUEUED) & (Q(run_after__lte=now - PATIENCE) | ahead)
    due = Q(state=State.RETRYING, run_after__lte=now)
    waiting = Job.objects.filter(forgotten | due).values_list("queue").annotate(Count("pk"))
    woken = 0
    for queue, count in waiting.order_by():
        times = min(count - messages_waiting(queue), MAX_WAKES)
        if times > 0:
            wake(queue, times)
            woken += times
    return woken


def messages_waiting(queue: str) -> int:
    """Count the messages that no worker has taken yet; none if Redis does not answer.

    Without this a long backlog would be given the same hints again at every look.
    """
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        return int(redis_command("LLEN", f"{prefix}{queue}"))
    except RedisDown:
        return 0


def take_lost() -> int:
    """Retry or fail the running jobs whose lease is over; return how many."""
    if not _expired():
        return 0
    _let_keepers_write()
    lost = [job for job in _expired() if interventions.lose_expired(job, "reconciler") is not None]
    for job in lost:
        metrics.leases_lost.inc()
        logger.warning("The worker of job %s was lost.", job.pk, extra={"action": "job.lost"})
    return len(lost)


def _expired() -> Iterable[Job]:
    running = Job.objects.filter(state=State.RUNNING, lease_until__lt=timezone.now())
    return list(running.order_by("lease_until")[:MAX_LOST])


def _let_keepers_write() -> None:
    """Wait until the database takes writes, then give it to the keepers for a moment.

    A function in one long transaction keeps its own keeper from SQLite's write lock, and a
    server that is away keeps all of them from renewing. Nobody was lost by that, so a lease
    counts only if it stays unrenewed while it could be.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    time.sleep(GRACE_SECONDS)

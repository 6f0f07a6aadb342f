"""How long jobs that wait may have to: those before them in their queue, and those that run.

A queue is looked at once in two seconds and process, and at most its first ten thousand jobs:
who waits behind those is told nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from tasks import estimate, history
from tasks.models import Job
from tasks.states import CLAIMABLE

#: How many waiting jobs of a queue are counted, and how many running ones.
MAX_AHEAD, MAX_RUNNING = 10_000, 1_000
GOOD_SECONDS = 2.0
#: Queues remembered at once; with more, all are forgotten.
MAX_QUEUES = 200

_TABLE = f'"{Job._meta.db_table}"'
# The states are spelt out: a partial index serves only a query that repeats its condition.
# A worker claims in this order.
_AHEAD = (
    f"SELECT id, kind FROM {_TABLE} WHERE queue = %s AND state IN ('queued', 'retrying') "  # noqa: S608
    "AND run_after <= %s ORDER BY priority DESC, run_after, id LIMIT %s"
)
_RUNNING = (
    f"SELECT id, kind, started_at, progress FROM {_TABLE} "  # noqa: S608
    "WHERE state = 'running' AND queue = %s LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class _Queue:
    """When each job of a queue may start, by a monotonic clock, as it looked then."""

    until: float
    starts: Mapping[UUID, float] = field(default_factory=dict)
    last: float | None = None  #: when one more would start

    def start(self, job_id: UUID) -> float | None:
        return self.starts.get(job_id, self.last)


_queues: dict[str, _Queue] = {}


def expected_wait(job: Job) -> float | None:
    """Tell in how many seconds a waiting job may start; None if unknown, or if it waits not.

    Unknown it is while nothing of its queue runs, and behind kinds that never succeeded yet.
    """
    if job.state not in CLAIMABLE:
        return None
    start = _look(job.queue).start(job.pk)
    if start is None:
        return None
    due = (job.run_after - timezone.now()).total_seconds()
    return round(max(0.0, start - time.monotonic(), due), 1)


def forget() -> None:
    """Look at all queues anew."""
    _queues.clear()


def _look(queue: str) -> _Queue:
    now = time.monotonic()
    found = _queues.get(queue)
    if found is None or now >= found.until:
        if len(_queues) >= MAX_QUEUES:
            _queues.clear()
        found = _queues[queue] = _read(queue, now)
    return found


def _read(queue: str, now: float) -> _Queue:
    until = now + GOOD_SECONDS
    # Of a running job that takes longer than any before it nobody knows when it makes room.
    left = [
        seconds
        for job in Job.objects.raw(_RUNNING, [queue, MAX_RUNNING])
        if (seconds := _left(job)) is not None
    ]
    if not left:  # nor whether there is a worker at all
        return _Queue(until)
    ahead = list(Job.objects.raw(_AHEAD, [queue, _stored(timezone.now()), MAX_AHEAD]))
    known = list(_known(ahead))
    # The first that is not known may start after those that are, and nobody knows what then.
    *starts, last = (now + start for start in estimate.waits(left, known, len(left)))
    if len(known) == len(ahead) < MAX_AHEAD:
        return _Queue(until, _by_id(ahead, starts), last)
    return _Queue(until, _by_id(ahead, [*starts, last]))


def _by_id(jobs: Iterable[Job], starts: Iterable[float]) -> dict[UUID, float]:
    return {job.pk: start for job, start in zip(jobs, starts, strict=False)}


def _known(jobs: Iterable[Job]) -> Iterator[float]:
    """Give what each usually takes, up to the first of which that is unknown."""
    for job in jobs:
        past = history.of_kind(job.kind)
        seconds = past.duration() if past else None
        if seconds is None:
            return
        yield seconds


def _left(job: Job) -> float | None:
    past, progress = history.of_kind(job.kind), job.progress or {}
    if job.started_at is None:
        return None
    # Two servers' clocks may differ.
    elapsed = max(0.0, (timezone.now() - job.started_at).total_seconds())
    current, total, rate = (progress.get(name) for name in ("current", "total", "rate"))
    return estimate.time_left(elapsed, current or 0.0, total, rate, past)


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


os.register_at_fork(after_in_child=forget)

"""How long jobs that wait may have to: those before them in their queue, and those that run.

A queue is looked at once in two seconds and process, and at most its first ten thousand jobs:
who waits behind those is told nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    starts: Mapping[Any, float] = field(default_factory=dict)  #: by the key in the database
    last: float | None = None  #: when one more would start


_queues: dict[str, _Queue] = {}


def expected_wait(job: Job) -> float | None:
    """Tell in how many seconds a waiting job may start; None if unknown, or if it waits not.

    Unknown it is while nothing of its queue runs, and behind kinds that never succeeded yet.
    """
    if job.state not in CLAIMABLE:
        return None
    looked = _look(job.queue)
    start = looked.starts.get(_key(job), looked.last)
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
    ahead = _ahead(queue)
    known = list(_known(kind for _, kind in ahead))
    # The first that is not known may start after those that are, and nobody knows what then.
    *starts, last = (now + start for start in estimate.waits(left, known, len(left)))
    keys = [key for key, _ in ahead]
    if len(known) == len(ahead) < MAX_AHEAD:
        return _Queue(until, dict(zip(keys, starts, strict=True)), last)
    return _Queue(until, dict(zip(keys, [*starts, last], strict=False)))


def _ahead(queue: str) -> list[tuple[Any, str]]:
    """Give the keys, as the database has them, and kinds of jobs that wait and are due."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:  # rows of the ORM would take ten times as long
        cursor.execute(_AHEAD, [queue, now, MAX_AHEAD])
        rows: list[tuple[Any, str]] = cursor.fetchall()
        return rows


def _known(kinds: Iterable[str]) -> Iterator[float]:
    """Give what each usually takes, up to the first of which that is unknown."""
    usual: dict[str, float | None] = {}
    for kind in kinds:
        if kind not in usual:
            past = history.of_kind(kind)
            usual[kind] = past.duration() if past else None
        seconds = usual[kind]
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


def _key(job: Job) -> Any:
    return Job._meta.pk.get_db_prep_value(job.pk, connection)


os.register_at_fork(after_in_child=forget)

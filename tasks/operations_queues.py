"""How the queues are, for staff: what waits, runs, ended and failed, in a few bounded queries."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from realtime import moments
from realtime.conf import conf as delivery
from realtime.operations import Report
from realtime.redis import RedisDown, redis_command
from tasks.conf import conf
from tasks.models import NO_QUEUE, Job
from tasks.patience import impatient
from tasks.states import State

#: So many waiting jobs of a queue are counted, and so many running ones of all.
MAX_COUNTED = 10_000
#: Pace and failures are of the last hour, or of so many jobs that ended last.
MAX_ENDED = 5_000
MAX_QUEUES, MAX_FAILURES, MAX_ERROR_BYTES = 20, 10, 120
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: Of several reconcilers one looks at a time.
_TURN_MS = 1_900

_TABLE = f'"{Job._meta.db_table}"'
# The states are spelt out: a partial index serves only a query that repeats its condition.
_WAITING = (
    "SELECT queue, COUNT(*), SUM(CASE WHEN state = 'retrying' THEN 1 ELSE 0 END), "  # noqa: S608
    "SUM(CASE WHEN state = 'queued' AND run_after > %s THEN 1 ELSE 0 END), MIN(run_after) FROM "
    f"(SELECT queue, state, run_after FROM {_TABLE} WHERE queue = %s "
    "AND state IN ('queued', 'retrying') LIMIT %s) AS waiting GROUP BY queue"
)
_RUNNING = (
    f"SELECT queue, COUNT(*) FROM (SELECT queue FROM {_TABLE} WHERE state = 'running' LIMIT %s) "  # noqa: S608
    "AS running GROUP BY queue"
)

Figures = dict[str, Any]


def look() -> Figures:
    """Read ``{"queues": […], "failures": […]}`` from the database."""
    now = timezone.now()
    since = _ended_since(now)
    queues: dict[str, Figures] = {name: _idle(name) for name in conf.JOB_QUEUES[:MAX_QUEUES]}
    for figures in (*_waiting(queues, now), *_running(), *_ended(since, now)):
        if figures["queue"] in queues:
            queues[figures["queue"]] |= figures
    return {"queues": list(queues.values()), "failures": _failures(since)}


def report() -> list[Report]:
    """Look, as a reconciler's thread does, if no other reconciler has just done so."""
    turn = f"{delivery.REDIS_PREFIX}:ops:turn"
    try:
        if not redis_command("SET", turn, socket.gethostname(), "NX", "PX", _TURN_MS):
            return []
    except RedisDown:
        return []  # nobody could be told
    try:
        with impatient():
            body = look()
    except BaseException:
        connection.close()
        raise
    return [Report("queues", "ops.queues", body, frozenset({"failures"}))]


def _idle(queue: str) -> Figures:
    return {
        "queue": queue,
        "waiting": 0,
        "later": 0,
        "retrying": 0,
        "running": 0,
        "at_least": False,
        "oldest_seconds": None,
        "pace_per_minute": 0.0,
        "failed_per_hour": 0.0,
    }


def _waiting(queues: Iterable[str], now: datetime) -> list[Figures]:
    moment = connection.ops.adapt_datetimefield_value(now)
    values = [value for queue in queues for value in (moment, queue, MAX_COUNTED)]
    rows = _rows(" UNION ALL ".join([_WAITING] * (len(values) // 3)), values)
    return [
        {
            "queue": queue,
            "waiting": count - retrying - later,
            "later": later,
            "retrying": retrying,
            "at_least": count >= MAX_COUNTED,
            "oldest_seconds": _seconds_since(first, now),
        }
        for queue, count, retrying, later, first in rows
    ]


def _running() -> list[Figures]:
    return [{"queue": q, "running": n} for q, n in _rows(_RUNNING, [MAX_COUNTED])]


def _ended_since(now: datetime) -> datetime:
    """Tell from when on the jobs that ended are looked at."""
    ended = Job.objects.filter(finished_at__gt=now - _HOUR).order_by("-finished_at")
    edge = ended.values_list("finished_at", flat=True)[MAX_ENDED - 1 : MAX_ENDED].first()
    return edge or now - _HOUR


def _ended(since: datetime, now: datetime) -> list[Figures]:
    lately = max(since, now - _MINUTE)
    rows = (
        Job.objects.filter(finished_at__gte=since)
        .exclude(queue=NO_QUEUE)
        .values_list("queue")
        .annotate(
            lately=Count("pk", filter=Q(finished_at__gte=lately)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
        )
        .order_by()
    )
    return [
        {
            "queue": queue,
            "pace_per_minute": _per(_MINUTE, paced, now - lately),
            "failed_per_hour": _per(_HOUR, failed, now - since),
        }
        for queue, paced, failed in rows
    ]


def _failures(since: datetime) -> list[Figures]:
    failed = Job.objects.filter(finished_at__gte=since, state=State.FAILED)
    newest = failed.order_by("-finished_at").only("id", "kind", "error", "finished_at")
    return [
        {
            "job": str(job.pk),
            "kind": job.kind,
            "error": job.error.encode()[:MAX_ERROR_BYTES].decode(errors="ignore"),
            "at": moments.spell(job.finished_at),
        }
        for job in newest[:MAX_FAILURES]
        if job.finished_at is not None
    ]


def _per(period: timedelta, count: int, passed: timedelta) -> float:
    return round(count * (period / max(passed, timedelta(milliseconds=1))), 1)


def _seconds_since(moment: Any, now: datetime) -> float | None:
    """Tell how long ago something was; None if it is still to come."""
    if isinstance(moment, str):  # SQLite gives an aggregate as text
        moment = parse_datetime(moment)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, connection.timezone)
    seconds = (now - moment).total_seconds()
    return round(seconds, 1) if seconds >= 0 else None


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

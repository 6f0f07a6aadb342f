"""What the latest jobs of a kind took, read from their rows and remembered for a minute."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from tasks import estimate
from tasks.estimate import Past, Sample
from tasks.models import Job
from tasks.progress import Meter

#: How many of the latest are looked at, and for how many seconds that is good; that there are
#: none yet, not so long.
LATEST, GOOD_SECONDS, NONE_SECONDS = 50, 60.0, 5.0
#: Kinds remembered at once; with more, all are forgotten.
MAX_KINDS = 500

# The state is spelt out: a partial index serves only a query that repeats its condition.
_LATEST = (
    f'SELECT id, started_at, finished_at, progress FROM "{Job._meta.db_table}" '  # noqa: S608
    "WHERE state = 'succeeded' AND kind = %s ORDER BY finished_at DESC LIMIT %s"
)
#: Of each kind what was found, and until when that is good; guessing twice does no harm.
_known: dict[str, tuple[float, Past | None]] = {}


def of_kind(kind: str, now: float | None = None) -> Past | None:
    """Sum up the latest jobs of a kind that succeeded; None if there are none.

    At most one query a minute and kind, on the caller's connection. ``now`` is a monotonic
    clock's.
    """
    now = time.monotonic() if now is None else now
    until, past = _known.get(kind, (-1.0, None))
    if now < until:
        return past
    past = estimate.learn(_samples(kind))
    if len(_known) >= MAX_KINDS:
        _known.clear()
    _known[kind] = now + (GOOD_SECONDS if past else NONE_SECONDS), past
    return past


def remind(meter: Meter, kind: str) -> None:
    """Let the meter of a job that begins know what is remembered of its kind: no query."""
    meter.past = _known.get(kind, (0.0, None))[1]


def tell(meter: Meter, kind: str) -> None:
    """Let a running job's meter know what earlier ones took; without a database it does not.

    The keeper's thread calls this, with its own connection, once a job has run for a while.
    """
    try:
        meter.past = of_kind(kind)
    except DatabaseError:  # it is asked again at the keeper's next look
        return


def forget() -> None:
    """Look anew."""
    _known.clear()


def _samples(kind: str) -> list[Sample]:
    return [
        (_seconds(job.started_at, job.finished_at), _total(job.progress))
        for job in Job.objects.raw(_LATEST, [kind, LATEST])
    ]


def _seconds(started_at: datetime | None, finished_at: datetime | None) -> float:
    # Two servers' clocks may have been at work: what is negative is nobody's duration.
    return (finished_at - started_at).total_seconds() if started_at and finished_at else 0.0


def _total(progress: Any) -> float | None:
    total = progress.get("total") if isinstance(progress, dict) else None
    return float(total) if isinstance(total, int | float) else None


os.register_at_fork(after_in_child=forget)

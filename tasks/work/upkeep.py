"""The site's own upkeep: jobs that nobody asks for, and when they run. Each may run twice, or late.

More of the kind belongs here: a ``@job(internal=True)`` and its ``schedule()``.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from realtime import inbox, log
from realtime.conf import limits
from tasks import files, retention
from tasks.job import Run, job
from tasks.schedule import Every, schedule

#: An upload in parts that has not come to its end by then never will.
ABANDONED_AFTER = timedelta(days=1)
HOURLY = Every(3600)


@job(internal=True)
def prune_log(job: Run) -> dict[str, int]:
    """Forget events that are too many or too old; who is behind them is told to reload."""
    bounds = limits()
    return {"streams": log.prune(bounds.keep_events, timedelta(days=bounds.keep_days))}


@job(internal=True)
def remove_abandoned(job: Run) -> dict[str, int]:
    """Throw uploads away that were begun a day ago and that no job reads."""
    return {"uploads": files.remove_abandoned(timezone.now() - ABANDONED_AFTER)}


@job(internal=True)
def prune_jobs(job: Run) -> dict[str, int]:
    """Delete jobs that ended long ago, with their files, and bytes that no row knows any more."""
    now = timezone.now()
    return {"jobs": retention.prune_jobs(now), "swept": retention.sweep(now)}


@job(internal=True)
def prune_inboxes(job: Run) -> dict[str, int]:
    """Delete notifications that nobody needs any more, and tell their people's pages."""
    return {"notifications": inbox.prune(timezone.now())}


schedule("prune the log", prune_log, HOURLY)
schedule("remove abandoned uploads", remove_abandoned, HOURLY)
schedule("prune jobs", prune_jobs, HOURLY)
schedule("prune inboxes", prune_inboxes, HOURLY)

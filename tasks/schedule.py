"""What beat runs, and why: each may run twice, or late, without harm.

``CELERY_BEAT_SCHEDULE`` says when.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from realtime import log
from realtime.conf import limits
from tasks import files

logger = logging.getLogger(__name__)

#: An upload in parts that has not come to its end by then never will.
ABANDONED_AFTER = timedelta(days=1)


@shared_task(name="tasks.prune_log")
def prune_log() -> None:
    """Forget events that are too many or too old; who is behind them is told to reload."""
    bounds = limits()
    cut = log.prune(bounds.keep_events, timedelta(days=bounds.keep_days))
    logger.info("%s streams were cut.", cut, extra={"action": "log.pruned"})


@shared_task(name="tasks.remove_abandoned")
def remove_abandoned() -> None:
    """Throw uploads away that were begun a day ago and never finished."""
    removed = files.remove_abandoned(timezone.now() - ABANDONED_AFTER)
    logger.info("%s uploads were removed.", removed, extra={"action": "files.removed"})

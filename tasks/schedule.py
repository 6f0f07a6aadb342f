"""What beat runs, and why: each may run twice, or late, without harm.

``CELERY_BEAT_SCHEDULE`` says when.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task

from realtime import log
from realtime.conf import limits

logger = logging.getLogger(__name__)


@shared_task(name="tasks.prune_log")
def prune_log() -> None:
    """Forget events that are too many or too old; who is behind them is told to reload."""
    bounds = limits()
    cut = log.prune(bounds.keep_events, timedelta(days=bounds.keep_days))
    logger.info("%s streams were cut.", cut, extra={"action": "log.pruned"})

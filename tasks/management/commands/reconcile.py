"""``manage.py reconcile``: look for what was left behind, again and again."""

from __future__ import annotations

import logging
import random
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from realtime.operations_reporter import Reporter
from tasks import operations_queues
from tasks.reconcile import reconcile, seconds_to_next_due

logger = logging.getLogger(__name__)

#: However many jobs fall due one after the other, there is a look no more often than this.
MIN_SECONDS = 0.2


class Command(BaseCommand):
    """Keeps every accepted job moving; any number of these may run."""

    help = "Wake queues whose jobs nobody claims, and take jobs from lost workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=5.0, help="seconds between looks (5)")
        parser.add_argument("--once", action="store_true", help="look once and say what was found")

    def handle(self, *, every: float, once: bool, **_: Any) -> None:
        if once:
            found = reconcile()
            self.stdout.write(
                f"{found.woken} wake-ups sent, {found.lost} jobs taken from lost workers, "
                f"{found.late} jobs that took too long."
            )
            return
        Reporter(operations_queues.report).start()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            # Jitter, so that several reconcilers do not look at the same moment.
            stop.wait(self._look(every * random.uniform(0.8, 1.2)))  # noqa: S311

    def _look(self, every: float) -> float:
        """Look once; return for how many seconds to wait: a retry that falls due is not late."""
        try:
            reconcile()
            return max(seconds_to_next_due(every), MIN_SECONDS)
        except Exception:  # the process's outermost loop: the next look may succeed
            logger.exception("A look failed.", extra={"action": "reconcile.failed"})
            return every
        finally:
            close_old_connections()

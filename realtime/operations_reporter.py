"""The thread of a process that tells staff how the process is doing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from realtime.operations import Report, tell

logger = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
#: Looking takes at most a tenth of the time, however slow the database is.
REST = 10


class Reporter:
    """Looks and tells every two seconds, as a daemon; ``look`` may take its time, and raise."""

    def __init__(self, look: Callable[[], Iterable[Report]]) -> None:
        self._look = look

    def start(self) -> None:
        """Tell from now on."""
        threading.Thread(target=self._loop, name="operations", daemon=True).start()

    def tell(self) -> float:
        """Look and tell once; return after how many seconds to do so again."""
        began = time.monotonic()
        try:
            for report in self._look():
                tell(report)
        except Exception:  # the thread's outermost loop: the next look may succeed
            logger.exception("No figures.", extra={"action": "operations.failed"})
        took = time.monotonic() - began
        return max(EVERY_SECONDS, took * REST) - took

    def _loop(self) -> None:
        while True:
            time.sleep(self.tell())

"""How long a process that died waits before it is started again."""

from __future__ import annotations

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 30.0
#: One that has run for this long is taken to be well again.
WELL_AFTER_SECONDS = 60.0


class Backoff:
    """Doubles from 1 s to 30 s while a process keeps dying young."""

    def __init__(self) -> None:
        self._next = FIRST_SECONDS

    def after(self, lived_seconds: float) -> float:
        """Give the wait after a life of this length."""
        if lived_seconds >= WELL_AFTER_SECONDS:
            self._next = FIRST_SECONDS
        wait, self._next = self._next, min(self._next * 2, LONGEST_SECONDS)
        return wait

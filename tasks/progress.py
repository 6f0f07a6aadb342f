"""How far a job is, how fast it goes and when it may end. Pure; the clock is an argument."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks import estimate
from tasks.estimate import Past
from tasks.sentences import MAX_MESSAGE, clean

#: How much of the past the rate remembers, and how often it looks, in seconds.
MEMORY_SECONDS, LOOK_SECONDS = 8.0, 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a job: ``rate`` per second and ``eta`` in seconds, None while unknown."""

    current: float
    total: float | None
    message: str
    rate: float | None
    eta: float | None

    def as_json(self) -> dict[str, Any]:
        """Give the object that is stored in the job's row and sent to browsers."""
        return {
            "current": self.current,
            "total": self.total,
            "message": self.message,
            "rate": _rounded(self.rate),
            "eta": _rounded(self.eta),
        }


class Meter:
    """Takes what a job says of itself, as often as it likes, and keeps the latest.

    One thread records; another may read ``latest`` and ``n``, and set ``past``, at any time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.latest: Progress | None = None
        self.n = 0  #: rises with every record; names which value ``latest`` is, or an older one
        self.past: Past | None = None  #: what earlier jobs of the kind took, once that is known
        self._clock = clock
        self._began = clock()
        self._rate: float | None = None
        self._mark = (self._began, 0.0)
        self._faded = (0.0, 0.0)  #: steps and the seconds they took, the older the fainter

    def record(self, current: float, total: float | None = None, message: str = "") -> None:
        """Remember where the job is: ``current`` of ``total`` steps, or of nobody knows how many.

        Anything but finite numbers that are not negative is a ValueError.
        """
        current = _checked("current", current)
        total = None if total is None else _checked("total", total)
        now = self._clock()
        self._look(now, current)
        eta = estimate.time_left(now - self._began, current, total, self._rate, self.past)
        self.latest = Progress(current, total, clean(message, MAX_MESSAGE), self._rate, eta)
        self.n += 1  # after ``latest``: who reads n and then latest never misses the newest

    def _look(self, now: float, current: float) -> None:
        then, before = self._mark
        if current < before:  # it began anew: the old pace tells nothing
            self._mark, self._faded, self._rate = (now, current), (0.0, 0.0), None
        elif now - then >= LOOK_SECONDS:
            # Steps and seconds fade alike. An average of rates would instead be stuck for long
            # at whatever the first tenth of a second was like.
            fade = math.exp((then - now) / MEMORY_SECONDS)
            steps, seconds = self._faded
            steps, seconds = steps * fade + current - before, seconds * fade + now - then
            self._mark, self._faded, self._rate = (now, current), (steps, seconds), steps / seconds


def _checked(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"progress(): {name} is a number, not {type(value).__name__}.")  # noqa: TRY004
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"progress(): {name} is finite and not negative.")
    return number


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

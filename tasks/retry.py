"""When a failed attempt is followed by another: which error, how often, after how long. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

#: An attempt after the first failure waits up to this long, then up to twice as long, …
FIRST_SECONDS = 2.0
#: … and never longer than this.
MOST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Retry:
    """A job's wish to be tried again: ``max_attempts`` in all, after these errors only.

    Waits grow from up to ``first_seconds`` to up to ``most_seconds``.
    """

    max_attempts: int = 1
    errors: tuple[type[Exception], ...] = ()
    first_seconds: float = FIRST_SECONDS
    most_seconds: float = MOST_SECONDS

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError("max_attempts is at least 1.")
        if not 0 <= self.first_seconds <= self.most_seconds < math.inf:
            raise ValueError("A retry waits from 0 seconds on, and not for ever.")

    def wants(self, error: BaseException, attempt: int) -> bool:
        """Tell whether attempt number ``attempt`` (from 1), ended by ``error``, has a next."""
        return attempt < self.max_attempts and isinstance(error, self.errors)

    def wait_seconds(self, attempt: int, uniform: Callable[[], float] = random.random) -> float:
        """Choose how long to wait after the failed attempt number ``attempt`` (from 1).

        Exponential with full jitter, so that jobs which failed together do not return together
        (Brooker, "Exponential backoff and jitter", AWS 2015). ``uniform`` gives 0 to 1.
        """
        # An exponent beyond 32 adds nothing but an OverflowError at 1,024.
        ceiling = min(self.most_seconds, self.first_seconds * 2.0 ** min(attempt - 1, 32))
        return ceiling * uniform()

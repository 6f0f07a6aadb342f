"""How long an attempt may take: a soft limit, at which it is told, and a hard one. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """In seconds; None is as the settings say."""

    soft: float | None = None
    hard: float | None = None

    def __post_init__(self) -> None:
        for limit in (self.soft, self.hard):
            if limit is not None and not 0 < limit < math.inf:
                raise ValueError("A time limit is a number of seconds above 0.")
        if self.soft and self.hard and self.soft > self.hard:
            raise ValueError("soft_time_limit is not above time_limit.")

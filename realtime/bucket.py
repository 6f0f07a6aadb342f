"""How fast a client may command: a token bucket. Pure."""

from __future__ import annotations


class Bucket:
    """Holds ``burst`` tokens at most, and gets ``rate`` new ones a second."""

    __slots__ = ("_at", "_left", "burst", "rate")

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._left, self._at = float(burst), 0.0

    def take(self, tokens: int, now: float) -> bool:
        """Take so many tokens, at a time in seconds that never runs back; False if they lack."""
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if tokens > self._left:
            return False
        self._left -= tokens
        return True

"""How long things took, counted by powers of two of a microsecond. Pure.

The hub counts every event here. A number's bucket is how many bits it has, which costs 0.2 µs;
a Prometheus histogram takes 1.3.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate

#: Up to 2**30 µs, which is 18 minutes; what took longer, or less than no time, is not counted.
_MOST_BITS = 30
MOST = 1 << _MOST_BITS
#: Below 32 µs nobody looks: shown is what is above.
_LEAST_BITS = 5
_MILLION = 1_000_000


class Durations:
    """So many took so long: ``counts[bits]`` of those that need so many bits in microseconds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (_MOST_BITS + 1)
        self.total = 0

    def observe(self, microseconds: int) -> None:
        """Count one."""
        if 0 <= microseconds < MOST:
            self.counts[microseconds.bit_length()] += 1
            self.total += microseconds

    def buckets(self) -> Iterator[tuple[float, int]]:
        """Give upper bounds in seconds, and how many took no longer; the last has all."""
        for bits, below in enumerate(accumulate(self.counts)):
            if bits >= _LEAST_BITS:
                yield (1 << bits) / _MILLION, below


class Lately:
    """What was counted since ``looks`` looks ago."""

    def __init__(self, durations: Durations, looks: int) -> None:
        self._durations = durations
        self._before = deque([tuple(durations.counts)], maxlen=looks)

    def look(self) -> list[int]:
        """Give the counts of the time since then; to be called at a steady pace."""
        now, then = tuple(self._durations.counts), self._before[0]
        self._before.append(now)
        return [after - before for before, after in zip(then, now, strict=True)]


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Estimate the seconds that ``share`` of these took at most; None if there are none.

    Within a bucket they are taken to be spread evenly, as Prometheus' ``histogram_quantile``
    does.
    """
    wanted = sum(counts) * share
    below = 0
    for bits, count in enumerate(counts):
        if count and below + count >= wanted:
            least, most = (1 << bits) // 2, 1 << bits
            return (least + (most - least) * (wanted - below) / count) / _MILLION
        below += count
    return None

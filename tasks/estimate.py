"""When a job may end, and when one that waits may start. Pure: numbers in, seconds out.

A job's own pace tells little at its beginning and nearly all at its end; what earlier jobs of
its kind took is the other way round. The two are weighted as two measurements are, by the
inverse of their variances, and where they disagree, it is the past that does not fit today.
What cannot be told is None, never a guess out of nothing.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

#: How far the pace of a job's first half is from that of the other, as a share. Measured with
#: ``tests.bench.estimates``, as is that seconds per unit tell more than a line with a fixed part.
PACE_SPREAD = 0.15
#: Earlier jobs are never trusted more than this: the machine is busier or idler today.
LEAST_SPREAD, MOST_SPREAD = 0.2, 2.0
#: With fewer jobs than this nobody knows how much they differ.
FEW, SPREAD_OF_FEW = 4, 0.6

#: The seconds that a job took, and the total that it counted to, if it did.
Sample = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier jobs of a kind took."""

    durations: tuple[float, ...]  #: in seconds, the shortest first
    per_unit: float | None  #: seconds for each unit of the total, if most had one
    spread: float  #: how far off that is for most, as a share of it

    def duration(self, total: float | None = None) -> float | None:
        """Tell how many seconds a job of this total may take in all; without one, of any."""
        if total is None or self.per_unit is None:
            return median(self.durations)
        return _sane(self.per_unit * total)

    def left(self, elapsed: float) -> float | None:
        """Tell how long most of those that took longer than ``elapsed`` went on after it.

        None if none of them took so long.
        """
        longer = self.durations[bisect_right(self.durations, elapsed) :]
        return median(longer) - elapsed if longer else None


def learn(samples: Iterable[Sample]) -> Past | None:
    """Sum up what earlier jobs took; None if that is nothing that one could learn from.

    A few that took ten times as long as the others change it little.
    """
    known = [(seconds, total) for seconds, total in samples if _sane(seconds)]
    if not known:
        return None
    durations = sorted(seconds for seconds, _ in known)
    paces = [pace for seconds, total in known if total and (pace := _sane(seconds / total))]
    if 2 * len(paces) < len(known):
        return Past(tuple(durations), None, _spread(durations))
    return Past(tuple(durations), median(paces), _spread(paces))


def time_left(
    elapsed: float,
    current: float,
    total: float | None,
    rate: float | None,
    past: Past | None = None,
) -> float | None:
    """Tell in how many seconds a job may end that is at ``current`` of ``total`` steps.

    It has run for ``elapsed`` seconds and makes ``rate`` steps a second; either may be
    unknown. 0 at its total; never negative, never infinite; None if it cannot be told.
    """
    if total is None:
        return past.left(elapsed) if past else None
    if current >= total:
        return 0.0
    share = current / total
    own = _sane((total - current) / rate) if rate else None
    told = _left_by(past, elapsed, share, total) if past else None
    if own is None or told is None or past is None or not share:
        return told if own is None else own
    unsure = PACE_SPREAD**2 * (1 - share) / share
    apart = math.log(own / told)
    unlike = max(past.spread**2, apart**2 - unsure)
    return told + (own - told) * unlike / (unlike + unsure)


def waits(left: Iterable[float], ahead: Iterable[float], slots: int) -> list[float]:
    """Tell in how many seconds each of the jobs ``ahead`` may start, and one more after them.

    ``left`` are the seconds that running jobs still take; those and the ones ahead, in their
    order, share the ``slots``.
    """
    free = sorted(max(0.0, seconds) for seconds in left)[:slots]
    free += [0.0] * (slots - len(free))
    heapq.heapify(free)
    starts = []
    for seconds in ahead:
        starts.append(free[0])
        heapq.heapreplace(free, free[0] + max(0.0, seconds))
    return [*starts, free[0]]


def _left_by(past: Past, elapsed: float, share: float, total: float) -> float | None:
    duration = past.duration(total)
    if duration is None:
        return None
    if share > 0:
        return duration * (1 - share)
    return duration - elapsed if elapsed < duration else None


def _spread(values: Sequence[float]) -> float:
    if len(values) < FEW:
        return SPREAD_OF_FEW
    middle = median(values)
    # 1.5 times the median is the standard deviation of what is normally distributed.
    off = 1.5 * median(abs(math.log(value / middle)) for value in values)
    return min(max(off, LEAST_SPREAD), MOST_SPREAD)


def _sane(number: float) -> float | None:
    """Give a number that one can reckon with: positive and finite, else None."""
    return number if 1e-9 < number < 1e12 else None

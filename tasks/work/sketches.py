"""What can be remembered of a stream of values in little memory. Pure."""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

#: With the 2,048 smallest hashes the estimate is mostly within 2 % (1/sqrt(k)).
_SMALLEST = 2048
_HASHES, _HALF = 1 << 64, 1 << 63


class Sample:
    """A fair sample of up to ``limit`` values; below that it is all of them."""

    def __init__(self, limit: int, seed: int) -> None:
        self.values: list[str] = []
        self._limit = limit
        self._seen = 0
        self._random = random.Random(seed)  # noqa: S311 (a sample, not a secret)
        self._weight = 1.0
        self._next = 0

    @property
    def is_whole(self) -> bool:
        return self._seen <= self._limit

    def add(self, values: Sequence[str]) -> None:
        """Look at more values; most are skipped over, not looked at (Li 1994, algorithm L)."""
        start = min(self._limit - len(self.values), len(values))
        if start > 0:
            self.values += values[:start]
            self._next = self._seen + start - 1
            if len(self.values) == self._limit:
                self._skip()
        first, self._seen = self._seen, self._seen + len(values)
        while len(self.values) == self._limit and self._next < self._seen:
            place = int(self._random.random() * self._limit)
            self.values[place] = values[self._next - first]
            self._skip()

    def _skip(self) -> None:
        self._weight *= math.exp(math.log(1.0 - self._random.random()) / self._limit)
        chance = -math.log1p(-min(self._weight, 1 - 1e-12))
        self._next += int(-math.log(1.0 - self._random.random()) / chance) + 1


class Distinct:
    """An estimate of how many different values there were, from their smallest hashes.

    Bar-Yossef et al., "Counting distinct elements in a data stream" (2002), and Beyer et
    al. (2007) for the unbiased form.
    """

    def __init__(self) -> None:
        self._lowest: set[int] = set()
        self._bar = _HALF

    def add(self, values: Iterable[str]) -> None:
        """Look at values, each as often as one likes."""
        bar = self._bar
        self._lowest.update([h for h in map(hash, values) if h < bar])
        if len(self._lowest) > 2 * _SMALLEST:
            self._lowest = set(heapq.nsmallest(_SMALLEST, self._lowest))
            self._bar = max(self._lowest)

    def estimate(self) -> int:
        """Estimate how many different values there were."""
        if len(self._lowest) < _SMALLEST:
            return len(self._lowest)
        greatest = heapq.nsmallest(_SMALLEST, self._lowest)[-1]
        return round((_SMALLEST - 1) * _HASHES / (greatest + _HALF + 1))


class Tally:
    """How often each value came: all of them while they are few, else the frequent ones."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()
        self._distinct: Distinct | None = None
        self._dropped_up_to = 0

    @property
    def is_exact(self) -> bool:
        return self._distinct is None

    @property
    def distinct(self) -> int:
        """How many different values came, an estimate unless ``is_exact``."""
        return self._distinct.estimate() if self._distinct else len(self._counts)

    def add(self, values: Sequence[str] | Mapping[str, int], *, only_distinct: bool) -> None:
        """Count more values, or values with their counts.

        ``only_distinct`` spares the count of each, once they are too many to keep them all.
        """
        if self._distinct is not None:
            self._distinct.add(values)
            if only_distinct:
                return
        self._counts.update(values)
        if len(self._counts) > self._limit:
            self._prune()

    def top(self, most: int) -> list[tuple[str, int]]:
        """List the most frequent values; counts may be low by what was dropped in between."""
        return heapq.nsmallest(most, self._counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def _prune(self) -> None:
        """Drop the rare ones, as lossy counting does (Manku and Motwani 2002)."""
        if self._distinct is None:
            self._distinct = Distinct()
            self._distinct.add(self._counts)
        while len(self._counts) > self._limit // 2:
            self._dropped_up_to += 1
            bar = self._dropped_up_to
            self._counts = Counter({v: n for v, n in self._counts.items() if n > bar})

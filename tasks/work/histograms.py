"""A histogram whose edges a person can read. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

BINS = 20


def histogram(
    sample: Sequence[float], least: float, most: float, total: int
) -> list[dict[str, float | int | None]]:
    """Count a sample in at most 22 bins between round numbers, scaled to ``total`` values.

    Returns ``[{"from", "to", "count"}]``; where the sample is everything, counts are exact.
    """
    step = round_step((most - least) / BINS)
    if step is None:
        return [{"from": shown(least), "to": shown(most), "count": total}] if least == most else []
    first, last = _place(least, step), _place(most, step)
    found = Counter(min(max(_place(value, step), first), last) for value in sample)
    counts = _scaled([found[place] for place in range(first, last + 1)], total)
    return [
        {"from": shown(place * step), "to": shown((place + 1) * step), "count": count}
        for place, count in enumerate(counts, start=first)
    ]


def round_step(raw: float) -> float | None:
    """Give the least of 1, 2, 5 times a power of ten that is not below; None if there is none."""
    if not math.isfinite(raw) or raw < 1e-300:
        return None
    power = 10.0 ** math.floor(math.log10(raw))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= raw * (1 - 1e-9))


def shown(number: float) -> float | int | None:
    """Round to 12 digits for JSON, which has no infinities; whole numbers as such."""
    if not math.isfinite(number):
        return None
    rounded = float(f"{number:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def _place(value: float, step: float) -> int:
    # What lies on an edge begins a bin, also where 0.3 / 0.1 is 2.9999999999999996.
    return math.floor(value / step + 1e-9)


def _scaled(counts: list[int], total: int) -> list[int]:
    """Scale counts to a total, keeping their sum exact: the largest remainders round up."""
    seen = sum(counts)
    if seen in (0, total):
        return counts
    wanted = [count * total / seen for count in counts]
    scaled = [math.floor(value) for value in wanted]
    by_rest = sorted(range(len(counts)), key=lambda place: scaled[place] - wanted[place])
    for place in by_rest[: total - sum(scaled)]:
        scaled[place] += 1
    return scaled

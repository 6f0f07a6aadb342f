"""A plan: which faults come when, to whom and for how long, all from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.nemesis.faults import Fault

#: So many faults happen at once: each lane takes one after the other.
LANES = 2
#: No fault comes sooner than this after the one before it in its lane.
LEAST_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Planned:
    """One fault to come, ``pause`` seconds after the one before it in its lane."""

    n: int
    fault: str
    target: str
    pause: float
    seconds: float


def plan(
    faults: Mapping[str, Fault],
    targets: Mapping[str, Sequence[str]],
    count: int,
    window_seconds: float,
    seed: int,
) -> list[list[Planned]]:
    """Choose ``count`` faults, each kind at least once, and spread them over the window.

    ``targets`` are the names that faults may be aimed at. One list for each lane.
    """
    dice = random.Random(seed)
    chosen = [*faults, *_more(faults, count - len(faults), dice)]
    dice.shuffle(chosen)
    lasting = [dice.uniform(*faults[name].seconds) for name in chosen]
    pause = (LANES * window_seconds - sum(lasting)) / max(1, len(chosen))
    planned = [
        Planned(
            n,
            name,
            dice.choice(targets[faults[name].targets or faults[name].group]),
            round(max(LEAST_PAUSE_SECONDS, pause * dice.uniform(0.5, 1.5)), 3),
            round(seconds, 3),
        )
        for n, (name, seconds) in enumerate(zip(chosen, lasting, strict=True), start=1)
    ]
    return _lanes(planned)


def _more(faults: Mapping[str, Fault], count: int, dice: random.Random) -> Iterator[str]:
    if count < 0:
        raise ValueError(f"{-count} kinds of faults would not come")
    weights = [fault.weight for fault in faults.values()]
    yield from dice.choices(list(faults), weights, k=count)


def _lanes(planned: Sequence[Planned]) -> list[list[Planned]]:
    """Give each fault to the lane that is free first."""
    lanes: list[list[Planned]] = [[] for _ in range(LANES)]
    until = [0.0] * LANES
    for fault in planned:
        first = until.index(min(until))
        lanes[first].append(fault)
        until[first] += fault.pause + fault.seconds
    return lanes

"""What a topic's history answers to a position. Pure.

The rules are those of the Centrifugo client protocol's recovery: all that was missed, in
order, or a plain no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A replay beyond either bound costs more than a reload of the page's state.
MAX_REPLAY_EVENTS, MAX_REPLAY_BYTES = 300, 512 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place: ``data`` is the JSON text that clients are sent."""

    topic: str
    epoch: str
    offset: int
    data: str


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a position: ``recovered`` says that ``events`` are all that was missed."""

    epoch: str
    head: int
    floor: int
    events: Sequence[tuple[int, str]]
    recovered: bool


def is_whole(events: Sequence[tuple[int, str]], after: int, head: int) -> bool:
    """Tell whether these events are exactly what lies between ``after`` and ``head``."""
    if not events:
        return after == head
    if sum(len(data.encode()) for _, data in events) > MAX_REPLAY_BYTES:
        return False
    return events[0][0] == after + 1 and events[-1][0] == head

"""Where a job can be in its life, and where it may go from there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"  #: recorded, and no worker has it yet
    RUNNING = "running"  #: a worker holds it
    RETRYING = "retrying"  #: the last attempt failed and another will follow
    SUCCEEDED = "succeeded"  #: final
    FAILED = "failed"  #: final, every attempt is used up
    CANCELLED = "cancelled"  #: final, somebody stopped it

    @property
    def is_final(self) -> bool:
        return not MOVES[self]


MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.RETRYING, State.FAILED, State.CANCELLED}),
    State.RETRYING: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

#: States in which a worker may claim a job.
CLAIMABLE = (State.QUEUED, State.RETRYING)


def sources_of(to: State) -> frozenset[State]:
    """Tell from which states a job may move to ``to``."""
    return frozenset(source for source, targets in MOVES.items() if to in targets)

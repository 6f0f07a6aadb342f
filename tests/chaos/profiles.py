"""How large a chaos run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Profile:
    """The load and the faults of a run; times are seconds."""

    users: int
    #: Each user's clients, of which every other one is of the other implementation.
    clients_per_user: int
    webs: int
    workers: int
    jobs: int
    #: How long jobs are submitted.
    seconds: float
    #: In how long the faults are to happen: they take longer than planned, and need jobs to hit.
    fault_seconds: float
    #: 0 is one of each kind.
    faults: int
    log_outs: int
    with_clock: bool
    kinds: Mapping[str, float] = field(
        default_factory=lambda: {
            "steps": 0.79,
            "stumble": 0.07,
            "poison": 0.03,
            "regret": 0.05,
            "late": 0.04,
            "stuck": 0.02,
        }
    )
    #: The share of jobs that are cancelled soon after they were accepted.
    cancelled: float = 0.05
    #: The share of jobs soon after which their owner marks all that they were notified of.
    marked: float = 0.3
    #: By kind of job, in place of the submitter's own.
    arguments: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: How long what was accepted may take to end once all is well; then clients, to hear of it.
    jobs_seconds: float = 150
    clients_seconds: float = 60


SHORT = Profile(
    users=20, clients_per_user=2, webs=2, workers=2, jobs=300, seconds=120, fault_seconds=90,
    faults=0, log_outs=3, with_clock=False,
)  # fmt: skip
LONG = Profile(
    users=100, clients_per_user=2, webs=3, workers=2, jobs=3_000, seconds=760, fault_seconds=500,
    faults=104, log_outs=12, with_clock=True,
)  # fmt: skip

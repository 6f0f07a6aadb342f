"""The suite can fail: ``python -m tests.chaos.convictions`` plants each bug, and sees it caught.

Each bug has a short run of its own, in which it does harm: the same run without it must be
judged clean, and with it the checker must say one of the verdicts that it deserves. Names of
bugs as arguments choose some. The last line is ``12 of 12 bugs caught``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.chaos.checker import check
from tests.chaos.nemesis.plan import Planned
from tests.chaos.profiles import Profile
from tests.chaos.run import Run

_SMALL = Profile(
    users=4, clients_per_user=2, webs=2, workers=2, jobs=24, seconds=6, faults=0, log_outs=0,
    with_clock=False, kinds={"steps": 1}, jobs_seconds=25, clients_seconds=15,
)  # fmt: skip
#: One job for each of the workers' processes, all at once.
_FULL = replace(_SMALL, jobs=8, seconds=1)
#: Nobody looks whether hints were lost: a bug that this would heal does its harm.
_BLIND = {"CHAOS_POSITION_CHECK_SECONDS": "3600"}
_SHORT_LEASE = {"CHAOS_LEASE_SECONDS": "4"}


@dataclass(frozen=True)
class Conviction:
    """A bug, the run in which it does harm, and the verdicts of which one must be said."""

    bug: str
    verdicts: frozenset[str]
    profile: Profile = _SMALL
    faults: Sequence[Planned] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    database: str = "sqlite"

    def run(self, folder: Path, *, with_bug: bool) -> Run:
        """Give the run, with the bug or without."""
        is_clients = self.bug == "client_without_position"
        planted = {"CHAOS_BUG": self.bug} if with_bug and not is_clients else {}
        client_bug = self.bug if with_bug and is_clients else ""
        env = {**self.env, **planted}
        return Run(self.profile, folder, 1, self.database, env, self.faults, client_bug)


def _steps(steps: int, seconds: float) -> Mapping[str, Mapping[str, object]]:
    return {"steps": {"steps": steps, "seconds": seconds}}


def _fault(name: str, target: str, at: float, seconds: float = 0, n: int = 1) -> Planned:
    return Planned(n, name, target, at, seconds)


CONVICTIONS = (
    Conviction(
        "publish_before_commit",
        frozenset({"phantom", "duplicated", "lost"}),
        replace(_SMALL, kinds={"steps": 0.5, "regret": 0.5}),
    ),
    Conviction(
        "offset_by_max",
        frozenset({"two final states", "lost", "duplicated"}),
        replace(_SMALL, users=1, jobs=40),
        database="postgres",
    ),
    Conviction(
        "silent_replay_limit",
        frozenset({"gap without reload", "lost"}),
        replace(_SMALL, users=1, jobs=50),
        [_fault("client FIN", "python-1-1", 2), _fault("client FIN", "sdk-1-2", 1, n=2)],
    ),
    Conviction(
        "revocation_by_hint_only", frozenset({"after revocation"}), replace(_SMALL, log_outs=1)
    ),
    Conviction(
        "no_position_check",
        frozenset({"not converged"}),
        replace(_FULL, arguments=_steps(5, 1.0)),
        [_fault("Redis killed, empty after", "redis", 3, 8)],
    ),
    Conviction(
        "read_before_joining",
        frozenset({"not converged", "lost"}),
        replace(_FULL, arguments=_steps(13, 0.5)),
        [_fault("server killed", "web1", 4, 3)],
        _BLIND,
    ),
    Conviction(
        "no_subscribe_after_reconnect",
        frozenset({"not converged"}),
        replace(_SMALL, arguments=_steps(2, 0.5)),
        [_fault("Redis hangs up on listeners", "redis", 2)],
        _BLIND,
    ),
    Conviction(
        "unbounded_send",
        frozenset({"grew without bound"}),
        replace(_FULL, users=1, kinds={"flood": 1}, arguments={"flood": {"batches": 20}}),
        [_fault("client in a black hole", "python-1-1", 0.5, 15)],
    ),
    Conviction(
        "client_without_position",
        frozenset({"lost", "gap without reload"}),
        replace(_SMALL, users=1, jobs=50),
        [_fault("client reset", "python-1-1", 2)],
    ),
    Conviction(
        "no_reconciler",
        frozenset({"not converged"}),
        replace(_FULL, arguments=_steps(5, 1.0)),
        [_fault("worker killed", "worker1", 3, 1)],
        _SHORT_LEASE,
    ),
    Conviction(
        "no_token_on_final_update",
        frozenset({"two final states", "final state changed"}),
        replace(_FULL, arguments=_steps(1, 7.0)),
        [_fault("worker frozen past its leases", "worker1", 2, 12)],
        _SHORT_LEASE,
    ),
    Conviction(
        "no_final_state_guard",
        frozenset({"two final states", "final state changed"}),
        replace(_FULL, arguments=_steps(1, 2.0)),
        [_fault("worker frozen past its leases", "worker1", 1.5, 18)],
        _SHORT_LEASE,
    ),
)


async def convict(conviction: Conviction) -> bool:
    """Run it without the bug and with it; tell whether it was clean, and then caught."""
    found = {}
    for with_bug in (False, True):
        with tempfile.TemporaryDirectory(prefix="bw-bug-") as folder:
            journals = await conviction.run(Path(folder), with_bug=with_bug).execute()
            found[with_bug] = check(journals)
    verdicts = {violation.verdict for violation in found[True]}
    is_caught = not found[False] and bool(verdicts & conviction.verdicts)
    print(f"{conviction.bug}: {'caught' if is_caught else 'NOT CAUGHT'}, {sorted(verdicts)}")
    for violation in found[False]:
        print(f"  without the bug: {violation.verdict}: {violation.detail}")
    sys.stdout.flush()
    return is_caught


async def main(names: Sequence[str]) -> int:
    """Try the bugs of these names, or all; return 0 if all were caught."""
    chosen = [each for each in CONVICTIONS if not names or each.bug in names]
    caught = [await convict(each) for each in chosen]
    print(f"{sum(caught)} of {len(chosen)} bugs caught")
    return not all(caught)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

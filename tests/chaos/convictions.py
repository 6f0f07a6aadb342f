"""The suite can fail: ``python -m tests.chaos.convictions`` plants each bug, and sees it caught.

Each bug has a short run of its own, in which it does harm: the same run without it must be
judged clean, and with it the checker must say one of the verdicts that it deserves. Names of
bugs as arguments choose some. The last line is ``17 of 17 bugs caught``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.chaos.checker import check, validity
from tests.chaos.nemesis.plan import Planned
from tests.chaos.profiles import Profile
from tests.chaos.run import Run

_SMALL = Profile(
    users=4, clients_per_user=2, webs=2, workers=2, jobs=24, seconds=6, fault_seconds=0, faults=0,
    log_outs=0, with_clock=False, kinds={"steps": 1}, cancelled=0, marked=0, jobs_seconds=25,
    clients_seconds=15,
)  # fmt: skip
#: One job for each of the workers' processes, all at once.
_FULL = replace(_SMALL, jobs=8, seconds=1)
#: Its clients.
_EIGHT = (
    "python-1-1", "sdk-1-2", "sdk-2-1", "python-2-2",
    "python-3-1", "sdk-3-2", "sdk-4-1", "python-4-2",
)  # fmt: skip
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

    @property
    def excuses(self) -> set[str]:
        """What may be said against the validity of its run."""
        return set() if self.faults else {"no faults were planned"}

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
        "replay_with_the_last_seen",
        frozenset({"duplicated"}),
        replace(_SMALL, users=1, jobs=50),
        [_fault("client FIN", "python-1-1", 2)],
    ),
    Conviction(
        "replay_backwards",
        frozenset({"reordered"}),
        replace(_SMALL, users=1, jobs=50),
        [_fault("client FIN", "sdk-1-2", 2)],
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
        replace(_FULL, arguments=_steps(10, 0.5)),
        # One after the other comes back: some while their jobs, their topics' last news, end.
        [
            _fault("client FIN", name, 3 if n == 1 else 0.7, n=n)
            for n, name in enumerate(_EIGHT, start=1)
        ],
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
        # One publisher: with more, hints overtake each other by more than is replayed.
        replace(
            _SMALL,
            users=1,
            jobs=1,
            seconds=1,
            kinds={"flood": 1},
            arguments={"flood": {"batches": 400, "pause": 0.04}},
            jobs_seconds=60,
            clients_seconds=60,
        ),
        [_fault("client in a black hole", "python-1-1", 1, 25)],
    ),
    Conviction(
        "client_without_position",
        frozenset({"lost", "gap without reload"}),
        replace(_SMALL, users=1, jobs=50),
        [_fault("client reset", "python-1-1", 2)],
    ),
    Conviction("told_to_a_neighbour", frozenset({"foreign"})),
    Conviction(
        "answer_before_commit",
        frozenset({"accepted but missing"}),
        replace(_SMALL, jobs=60),
        [_fault("server killed", "web1", 3, 1)],
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
    Conviction(
        "marked_in_silence",
        frozenset({"inbox differs"}),
        replace(_SMALL, kinds={"stumble": 1}, marked=1),
    ),
)


async def convict(conviction: Conviction) -> bool:
    """Run it without the bug and with it; tell whether it was clean, and then caught."""
    with tempfile.TemporaryDirectory(prefix="bw-bug-") as folder:
        journals = await conviction.run(Path(folder), with_bug=False).execute()
        amiss = [f"{found.verdict}: {found.detail}" for found in check(journals)]
        amiss += [] if set(validity(journals)) <= conviction.excuses else validity(journals)
    with tempfile.TemporaryDirectory(prefix="bw-bug-") as folder:
        journals = await conviction.run(Path(folder), with_bug=True).execute()
        verdicts = {violation.verdict for violation in check(journals)}
    is_caught = not amiss and bool(verdicts & conviction.verdicts)
    print(f"{conviction.bug}: {'caught' if is_caught else 'NOT CAUGHT'}, {sorted(verdicts)}")
    for line in amiss:
        print(f"  without the bug: {line}")
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

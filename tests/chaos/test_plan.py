from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest

from tests.chaos.nemesis.faults import faults_of
from tests.chaos.nemesis.plan import LEAST_PAUSE_SECONDS, plan

FAULTS = faults_of("sqlite", with_clock=True)
TARGETS = {
    "client": ["c1", "c2"], "web": ["web1", "web2", "web3"], "clock": ["web3"],
    "worker": ["worker1"], "redis": ["redis"], "database": ["sqlite"],
}  # fmt: skip


def planned(count: int = 60, seed: int = 1) -> list:
    return list(chain(*plan(FAULTS, TARGETS, count, 600, seed)))


def test_a_seed_gives_the_same_plan_every_time() -> None:
    assert planned(seed=7) == planned(seed=7)
    assert planned(seed=7) != planned(seed=8)


def test_every_kind_of_fault_comes_and_as_many_as_are_asked_for() -> None:
    kinds = Counter(fault.fault for fault in planned(60))

    assert set(kinds) == set(FAULTS)
    assert sum(kinds.values()) == 60


def test_too_few_to_have_each_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="would not come"):
        planned(len(FAULTS) - 1)


def test_a_fault_is_aimed_at_what_it_can_hit() -> None:
    for fault in planned(200):
        kind = FAULTS[fault.fault]
        assert fault.target in TARGETS[kind.targets or kind.group]
        assert kind.seconds[0] <= fault.seconds <= kind.seconds[1]


def test_they_are_spread_over_the_window() -> None:
    lanes = plan(FAULTS, TARGETS, 60, 600, 1)

    ends = [sum(fault.pause + fault.seconds for fault in lane) for lane in lanes]
    assert all(500 < end < 700 for end in ends)
    assert all(fault.pause >= LEAST_PAUSE_SECONDS for lane in lanes for fault in lane)


def test_each_has_a_number_of_its_own() -> None:
    assert sorted(fault.n for fault in planned(60)) == list(range(1, 61))


def test_postgres_and_sqlite_have_faults_of_their_own() -> None:
    sqlite, postgres = (set(faults_of(kind, with_clock=False)) for kind in ("sqlite", "postgres"))

    assert "SQLite locked for 10 s" in sqlite - postgres
    assert "PostgreSQL crashed" in postgres - sqlite

"""Nothing is left running, even by a supervisor that is killed: its guard sees to that."""

from __future__ import annotations

import os
import signal

from tests.integration.supervisor import (
    HAS_A_CHILD,
    IGNORES_TERM,
    SLEEPS,
    TELLS_OF_SIGNALS,
    Start,
    guard_of,
    pids_of,
    row,
)
from tests.terminal import kill, wait_gone


def test_kill_9_of_the_supervisor_leaves_nothing(start: Start) -> None:
    supervisor = start([row("worker1", HAS_A_CHILD)], [row("redis", IGNORES_TERM)])
    pids = [*pids_of(supervisor, 3), guard_of(supervisor)]

    kill(supervisor.pid)

    assert wait_gone(pids, 10) == []


def test_a_guard_that_dies_is_replaced_and_the_next_one_knows_of_all(start: Start) -> None:
    supervisor = start([row("worker1", HAS_A_CHILD)])
    pids = pids_of(supervisor, 2)
    kill(guard_of(supervisor))
    supervisor.expect("guard died")

    kill(supervisor.pid)

    assert wait_gone(pids, 10) == []


def test_kill_9_of_supervisor_and_guard_together_ends_the_children(start: Start) -> None:
    supervisor = start([row("web1", SLEEPS)], [row("redis", TELLS_OF_SIGNALS)])
    pids = pids_of(supervisor, 2)
    guard = guard_of(supervisor)
    os.kill(supervisor.pid, signal.SIGSTOP)

    kill(guard)
    kill(supervisor.pid)

    assert wait_gone(pids, 10) == []

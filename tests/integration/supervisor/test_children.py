"""Children that die, will not end, or say more than anybody reads."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.integration.supervisor import (
    HAS_A_CHILD,
    IGNORES_TERM,
    SHOUTS,
    SLEEPS,
    Start,
    pids_of,
    row,
)
from tests.terminal import ROOT, kill, wait_gone


def test_a_child_that_dies_is_started_again(start: Start) -> None:
    supervisor = start([row("web1", SLEEPS)])
    [first] = pids_of(supervisor, 1)

    kill(first)

    assert pids_of(supervisor, 2)[1] != first
    line = supervisor.expect("starts again")[0].string
    assert "web1 was killed by SIGKILL" in line
    assert "action=up.process_restarted" in line


def test_what_a_dead_child_left_running_is_killed_before_the_next_starts(start: Start) -> None:
    supervisor = start([row("worker1", HAS_A_CHILD)])
    grandchild = next(pid for pid in pids_of(supervisor, 2) if os.getpgid(pid) != pid)
    leader = os.getpgid(grandchild)

    kill(leader)
    supervisor.expect("starts again")

    assert wait_gone([grandchild], 2) == []


def test_a_child_that_will_not_end_is_killed_with_its_children(start: Start) -> None:
    supervisor = start([row("worker1", HAS_A_CHILD), row("web1", IGNORES_TERM, patience=0.3)])
    pids = pids_of(supervisor, 3)

    supervisor.send(signal.SIGTERM)

    assert supervisor.wait(10) == 0
    assert wait_gone(pids, 2) == []


def test_an_output_that_nobody_reads_stops_neither_children_nor_the_end(
    command: Callable[..., list[str]], tmp_path: Path
) -> None:
    said_all = tmp_path / "said"
    shouts = command([row("web1", SHOUTS.replace("SAID_ALL", repr(str(said_all)), 1))])
    supervisor = subprocess.Popen(shouts, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    try:
        while not said_all.exists():
            time.sleep(0.02)
        supervisor.terminate()

        assert supervisor.wait(10) == 0
    finally:
        supervisor.kill()
        supervisor.communicate()

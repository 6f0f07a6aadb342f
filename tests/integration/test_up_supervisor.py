from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project.up.supervisor import ONE_PRESS_SECONDS
from tests.terminal import ROOT, Running, Terminal, kill, wait_gone

Stage = list[dict[str, Any]]
Start = Callable[..., Running]

SLEEPS = """
import os, time
print("began", os.getpid())
time.sleep(300)
"""
TELLS_OF_SIGNALS = """
import os, signal, sys, time
def hear(number, frame):
    print("heard", signal.Signals(number).name)
    sys.exit()
signal.signal(signal.SIGTERM, hear)
signal.signal(signal.SIGINT, hear)
print("began", os.getpid())
time.sleep(300)
"""
ENDS_SLOWLY = """
import os, signal, sys, time
def hear(number, frame):
    time.sleep(0.5)
    print("ended well")
    sys.exit()
signal.signal(signal.SIGTERM, hear)
print("began", os.getpid())
time.sleep(300)
"""
IGNORES_TERM = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("began", os.getpid())
time.sleep(300)
"""
HAS_A_CHILD = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-uc", {IGNORES_TERM!r}])
print("began", os.getpid())
time.sleep(300)
"""
DEAF_LEADER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda number, frame: None)
sys.exit(subprocess.call(sys.argv[1:]))
"""
SHOUTS = """
import pathlib, sys, time
for number in range(5000):
    print("x" * 1000)
pathlib.Path(SAID_ALL).touch()
time.sleep(300)
"""


def row(name: str, code: str, patience: float = 2) -> dict[str, Any]:
    return {"name": name, "code": code, "patience": patience}


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., list[str]]:
    def make(*stages: Stage) -> list[str]:
        table = tmp_path / "table.json"
        table.write_text(json.dumps(stages), encoding="utf-8")
        lock = str(tmp_path / "lock")
        return [sys.executable, "-m", "tests.integration.up_stage", lock, str(table)]

    return make


@pytest.fixture
def start(command: Callable[..., list[str]]) -> Iterator[Start]:
    running: list[Running] = []

    def begin(*stages: Stage) -> Running:
        running.append(Running(command(*stages), env=dict(os.environ)))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def pids_of(supervisor: Running, count: int) -> list[int]:
    return [int(match[1]) for match in supervisor.expect(r"began (\d+)", times=count)]


def guard_of(supervisor: Running) -> int:
    return int(supervisor.expect(r"guard is (\d+)")[0][1])


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


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_stops_the_stages_in_their_order(start: Start, name: str) -> None:
    doors = [row("web1", TELLS_OF_SIGNALS), row("web2", TELLS_OF_SIGNALS)]
    supervisor = start(doors, [row("worker1", TELLS_OF_SIGNALS)], [row("redis", TELLS_OF_SIGNALS)])
    pids = pids_of(supervisor, 4)

    supervisor.send(signal.Signals[name])

    assert supervisor.wait(10) == 0
    assert wait_gone(pids, 2) == []
    stopped = [match[1] for match in supervisor.expect(r"(\w+) +\| heard SIGTERM", times=4)]
    assert {*stopped[:2]} == {"web1", "web2"}
    assert stopped[2:] == ["worker1", "redis"]
    assert supervisor.lines[-1] == "Stopped."


def test_a_child_that_will_not_end_is_killed_with_its_children(start: Start) -> None:
    supervisor = start([row("worker1", HAS_A_CHILD), row("web1", IGNORES_TERM, patience=0.3)])
    pids = pids_of(supervisor, 3)

    supervisor.send(signal.SIGTERM)

    assert supervisor.wait(10) == 0
    assert wait_gone(pids, 2) == []


def test_a_second_ctrl_c_does_not_wait(start: Start) -> None:
    supervisor = start([row("web1", IGNORES_TERM, patience=60)])
    pids_of(supervisor, 1)

    supervisor.send(signal.SIGINT)
    supervisor.expect("Stopping")
    time.sleep(ONE_PRESS_SECONDS)
    supervisor.send(signal.SIGINT)

    assert supervisor.wait(10) == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_that_comes_twice_at_once_still_lets_everything_end_well(
    start: Start, name: str
) -> None:
    supervisor = start([row("web1", ENDS_SLOWLY)])
    pids_of(supervisor, 1)

    supervisor.send(signal.Signals[name])
    supervisor.expect("Stopping")
    supervisor.send(signal.Signals[name])

    assert supervisor.wait(10) == 0
    supervisor.expect("ended well")


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


def test_ctrl_c_at_the_terminal_reaches_the_supervisor_alone(
    command: Callable[..., list[str]],
) -> None:
    with Terminal(command([row("web1", TELLS_OF_SIGNALS)])) as terminal:
        terminal.read_until(r"began \d+")

        terminal.type("\x03")

        assert "heard SIGTERM" in terminal.read_until("Stopped")
        assert terminal.wait(10) == 0


@pytest.mark.parametrize(
    "leader",
    [
        pytest.param([], id="the supervisor leads the session"),
        pytest.param([sys.executable, "-c", DEAF_LEADER], id="a program that tells nobody leads"),
    ],
)
def test_a_closed_terminal_stops_everything(
    command: Callable[..., list[str]], leader: list[str]
) -> None:
    with Terminal([*leader, *command([row("web1", SLEEPS)])]) as terminal:
        child = int(terminal.read_until(r"began \d+\s").split()[-1])

        terminal.hang_up()

        assert terminal.wait(10) == 0
        assert wait_gone([child], 2) == []

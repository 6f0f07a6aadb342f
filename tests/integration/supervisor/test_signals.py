"""How a supervisor stops: at a signal, at a second one, at its terminal's end."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

import pytest

from project.up.supervisor import ONE_PRESS_SECONDS
from tests.integration.supervisor import (
    DEAF_LEADER,
    ENDS_SLOWLY,
    IGNORES_TERM,
    SLEEPS,
    TELLS_OF_SIGNALS,
    Start,
    pids_of,
    row,
)
from tests.terminal import Terminal, wait_gone


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

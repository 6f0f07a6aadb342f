"""Processes that are replaced by their successors, and those that cannot be."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project.up import reload
from project.up.errors import UpError
from tests.integration.supervisor import (
    ENDS_SLOWLY,
    IGNORES_TERM,
    SLEEPS,
    TELLS_OF_SIGNALS,
    row,
)
from tests.terminal import Running, kill

FAILS = "import sys; sys.exit(3)"
Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def begin(*rows: dict[str, Any]) -> Running:
        table = tmp_path / "table.json"
        table.write_text(json.dumps([rows]), encoding="utf-8")
        command = [sys.executable, "-m", "tests.integration.up_stage", str(tmp_path / "lock")]
        running.append(Running([*command, str(table)], env=dict(os.environ)))
        running[-1].expect("began", times=len(rows))
        return running[-1]

    yield begin
    for one in running:
        one.end()


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[], list[str]]:
    def ask_and_listen() -> list[str]:
        said: list[str] = []
        reload.ask(tmp_path / "lock", tmp_path / "reload", said.append)
        return said

    return ask_and_listen


def place(supervisor: Running, pattern: str) -> int:
    supervisor.expect(pattern)
    return next(n for n, line in enumerate(supervisor.lines) if pattern in line)


def test_a_successor_takes_over_before_the_old_one_is_told_to_go(start, ask):
    supervisor = start({**row("web1", TELLS_OF_SIGNALS), "following": SLEEPS})

    said = ask()

    assert said[0] == "web1: its successor starts"
    assert place(supervisor, "web1.2    | began") < place(supervisor, "web1      | heard SIGTERM")


def test_one_without_a_successor_ends_before_it_starts_again(start, ask):
    supervisor = start(row("beat", ENDS_SLOWLY))

    ask()

    supervisor.expect("beat +. began", times=2)
    again = max(n for n, line in enumerate(supervisor.lines) if "began" in line)
    assert place(supervisor, "ended well") < again


def test_one_whose_successor_cannot_start_goes_on_and_so_do_the_others(start, ask):
    supervisor = start(
        {**row("web1", TELLS_OF_SIGNALS), "following": FAILS},
        {**row("web2", TELLS_OF_SIGNALS), "following": SLEEPS},
    )

    with pytest.raises(UpError, match=r"The new web1\.2 ended with code 3"):
        ask()

    assert "heard" not in supervisor.text
    assert "web2.2" not in supervisor.text


def test_a_successor_that_dies_later_is_started_again(start, ask):
    supervisor = start({**row("web1", SLEEPS), "following": SLEEPS})
    ask()

    kill(int(supervisor.expect(r"web1\.2 +. began (\d+)")[0][1]))

    supervisor.expect(r"web1\.2 +. began", times=2)


def test_reloads_follow_each_other(start, ask):
    supervisor = start({**row("web1", SLEEPS), "following": SLEEPS})

    ask()
    ask()

    supervisor.expect(r"web1\.2 +. began", times=2)


def test_those_who_leave_are_stopped_with_the_others(start, ask):
    supervisor = start({**row("worker1", IGNORES_TERM, patience=1), "following": SLEEPS})
    ask()

    supervisor.send(signal.SIGTERM)

    assert supervisor.wait(15) == 0


def test_where_nothing_runs_there_is_nothing_to_reload(ask):
    with pytest.raises(UpError, match="Nothing runs"):
        ask()

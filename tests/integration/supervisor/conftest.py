"""A supervisor of the test's own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.supervisor import Stage, Start
from tests.terminal import Running


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

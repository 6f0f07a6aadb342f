from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from bootstrap import node
from bootstrap.redis import version_in
from bootstrap.shell import run
from bootstrap.stamp import Stamp, fingerprint


@pytest.mark.parametrize(
    ("text", "version"),
    [
        pytest.param("Redis server v=7.0.15 sha=00000000:0 bits=64", (7, 0), id="redis"),
        pytest.param("Valkey server v=9.1.2 sha=00000000:0 bits=64", (9, 1), id="valkey"),
        pytest.param("command not found", None, id="something else"),
    ],
)
def test_a_server_tells_its_version(text: str, version: tuple[int, int] | None) -> None:
    assert version_in(text) == version


@pytest.mark.parametrize(
    ("version", "is_recent"),
    [
        pytest.param("v20.19.0", True, id="the floor"),
        pytest.param("v24.1.0", True, id="newer"),
        pytest.param("v20.18.3", False, id="just too old"),
        pytest.param("v18.20.4", False, id="Debian 12's own"),
        pytest.param("", False, id="none"),
    ],
)
def test_node_is_used_where_it_is_recent(version: str, is_recent: bool) -> None:
    assert node.is_recent(version) is is_recent


def test_a_step_is_done_again_only_when_its_files_change(tmp_path: Path) -> None:
    source, stamp = tmp_path / "source", Stamp(tmp_path / "stamp")
    source.write_text("one", encoding="utf-8")
    stamp.set(fingerprint([source]))
    assert stamp.holds(fingerprint([source]))

    source.write_text("two", encoding="utf-8")

    assert not stamp.holds(fingerprint([source]))


def test_a_step_that_was_begun_and_not_finished_counts_as_not_done(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamp")
    stamp.set("x")

    stamp.clear()

    assert not stamp.holds("x")


def test_a_step_says_that_it_begins_and_how_long_it_took(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("Packages", [sys.executable, "-c", ""])

    assert re.fullmatch(r"Packages …\nPackages: \d+\.\d s\n", capsys.readouterr().err)

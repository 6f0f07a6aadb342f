"""The documents agree with the code and with each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from realtime import errors, protocol

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "deploy" / "README.md", *(ROOT / "docs").rglob("*.md")]


def test_every_error_code_is_documented_and_no_other() -> None:
    codes = {kind.code for kind in errors.ProtocolError.__subclasses__()}

    assert {int(code) for code in re.findall(r"^\| (1\d\d) \|", PROTOCOL, re.MULTILINE)} == codes


def test_every_close_code_is_documented_with_its_reason() -> None:
    sent = {value for value in vars(protocol).values() if is_close(value)}

    rows = re.findall(r"^\| (3\d\d\d) \| ([a-z ]+) \|", PROTOCOL, re.MULTILINE)
    assert {(int(code), reason) for code, reason in rows} == sent


def is_close(value: object) -> bool:
    """Tell whether this is a close code with its reason."""
    match value:
        case (int(code), str()):
            return 3000 <= code < 4000
    return False


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_whole(decision: Path) -> None:
    lines = decision.read_text().splitlines()

    assert len(lines) <= 25
    assert re.match(r"# \d+\. ", lines[0])
    for part in (
        "Status:",
        "**Context.**",
        "**Decision.**",
        "**Consequences.**",
        "**Not chosen.**",
    ):
        assert any(line.startswith(part) for line in lines), part


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []

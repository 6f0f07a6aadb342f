"""axe, which tells who is shut out of what a browser shows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: What a law asks of any page; the rest of axe's rules are what it thinks is good.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


def violations(page: Page, *tags: str) -> list[str]:
    """Tell which rules the page breaks, and where; given tags, only of rules that have one."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm --prefix frontend ci")
    page.evaluate(AXE.read_text())
    options = {"runOnly": tags} if tags else {}
    found = page.evaluate(
        "options => axe.run(options).then(({ violations }) => violations)", options
    )
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def assert_nobody_is_shut_out(page: Page, *tags: str) -> None:
    """By any rule, or by those with the tags, in light and in dark."""
    found = list[tuple[str, str]]()
    for scheme in SCHEMES:
        # What is still fading in has no colour yet that could be judged.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [(scheme, each) for each in violations(page, *tags)]
    assert not found, (page.url, found)

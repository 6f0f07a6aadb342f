"""A page of docs/ as a program: its blocks are written to files, run and started, as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

#: "`the/path`, at the end" or "`the/path`, the whole file", in the paragraph before a block.
_FILE = re.compile(r"`([\w./]+)`, (at the end|the whole file)\b")


@dataclass(frozen=True)
class Step:
    """One thing to do: "at the end", "the whole file", "run" or "start"."""

    verb: str
    text: str
    path: str = ""


def steps(page: Path) -> Iterator[Step]:
    """Read all that a page tells to do, in its order; AssertionError if a block says nothing."""
    lines, paragraph = iter(page.read_text().splitlines()), ""
    is_over = False
    for line in lines:
        if line.startswith("```"):
            block = list(takewhile(lambda each: each != "```", lines))
            yield from _steps(line.removeprefix("```"), paragraph, block)
            paragraph = ""
        elif line:
            paragraph = line if is_over else f"{paragraph} {line}"
        is_over = not line


def _steps(language: str, said: str, block: list[str]) -> Iterator[Step]:
    if language == "console":
        verb = "start" if "terminal of its own" in said else "run"
        for line in block:
            assert line.startswith("$ "), line
            yield Step(verb, line.removeprefix("$ "))
        return
    told = _FILE.findall(said)
    assert told, f"Where does this go?\n{block}"
    path, verb = told[-1]
    yield Step(verb, "\n".join([*block, ""]), path)

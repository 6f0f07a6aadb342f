"""deploy/.env.example names what the platform reads, all of it and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from project import env

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / ".env.example"
NAME = re.compile(r"#?([A-Z][A-Z0-9_]*)=")

documented = [match[1] for line in EXAMPLE.read_text().splitlines() if (match := NAME.match(line))]


def names_read() -> Iterator[str]:
    """Find the names in calls of project.env's readers, also where no test has led."""
    for folder in ("project", "realtime", "tasks"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call):
                    yield from names_of(call)


def names_of(call: ast.Call) -> Iterator[str]:
    """Give what ``env.text("NAME")`` asks for; a secret may come from a file, too."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="env"), attr=reader),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name
            if reader == "secret":
                yield f"{name}_FILE"


def test_every_variable_that_is_read_is_in_the_example() -> None:
    assert env.asked | set(names_read()) <= set(documented)


def test_the_example_names_nothing_that_nobody_reads() -> None:
    assert set(documented) <= env.asked | set(names_read())


def test_the_example_names_each_variable_once() -> None:
    assert len(documented) == len(set(documented))


def test_the_readers_are_found_in_the_source() -> None:
    assert {"SECRET_KEY", "SECRET_KEY_FILE", "PORT", "HTTPS"} <= set(names_read())


def test_a_line_reads_the_same_to_systemd_and_to_the_command() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line]

    assert [line for line in lines if not line.startswith("#") and not NAME.match(line)] == []
    assert [line for line in lines if NAME.match(line) and set("'\"\\") & set(line)] == []

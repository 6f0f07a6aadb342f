"""The house's limits: 250 lines to a file, 30 to a function, and no drawers."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE, MAX_FUNCTION = 250, 30
#: A whole run told in one breath, and a server in a closure.
LONGER = {"tests/chaos/imagined.py imagine", "tests/chaos/test_submitter.py api"}
#: Names that say nothing of what is inside.
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """All that people write and git knows, by its path."""
    try:
        patterns = ("*.py", "*.ts", "*.mjs", "*.css", "*.sh")
        named = subprocess.check_output(["git", "ls-files", "-z", *patterns], cwd=ROOT, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no checkout of git's")
    files = (ROOT / name for name in named.split("\0")[:-1] if "/migrations/" not in name)
    return {str(file.relative_to(ROOT)): file.read_text() for file in files if file.exists()}


def test_no_file_is_longer_than_a_reader_bears(sources: dict[str, str]) -> None:
    lengths = {path: len(text.splitlines()) for path, text in sources.items()}

    assert {path: length for path, length in lengths.items() if length > MAX_FILE} == {}


def test_no_function_is_longer_than_a_thought(sources: dict[str, str]) -> None:
    python = {path: text for path, text in sources.items() if path.endswith(".py")}
    found = {name for path, text in python.items() for name in too_long(path, text)}

    assert found - LONGER == set()


def test_no_file_is_a_drawer(sources: dict[str, str]) -> None:
    assert [path for path in sources if Path(path).name.partition(".")[0] in DRAWERS] == []


def too_long(path: str, text: str) -> Iterator[str]:
    """Name the functions whose bodies are too long; a docstring may say what it must."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            if length > MAX_FUNCTION:
                yield f"{path} {node.name}"

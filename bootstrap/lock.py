"""Writes the requirements' locks: every package with its hashes, for all platforms."""

from __future__ import annotations

import shutil
from pathlib import Path

from bootstrap.paths import CACHE, ROOT, VENV_PYTHON
from bootstrap.shell import run

_OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--quiet",
)
# The first is a constraint of those that follow.
_SOURCES = (
    "requirements.in",
    "requirements-embedded.in",
    "requirements-dev.in",
    "frontend/requirements-node.in",
)


def write() -> None:
    """Resolve every ``*.in`` file into its ``*.txt``; pins that still fit stay as they are."""
    uv = _uv()
    for source in _SOURCES:
        target = Path(source).with_suffix(".txt")
        run(str(target), [uv, "pip", "compile", *_OPTIONS, source, "-o", target], cwd=ROOT)


def _uv() -> Path:
    if found := shutil.which("uv"):
        return Path(found)
    folder = CACHE / "uv"
    if not (folder / "bin" / "uv").is_file():
        run("uv", [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--target", folder, "uv"])
    return folder / "bin" / "uv"

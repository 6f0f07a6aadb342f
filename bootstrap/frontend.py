"""Builds the front-end into the delivery app's static files, when its sources changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bootstrap import node
from bootstrap.paths import BUILT, CACHE, FRONTEND
from bootstrap.shell import run, show
from bootstrap.stamp import Stamp, fingerprint

_NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}
_BUILD = Stamp(CACHE / "frontend.stamp")


def build() -> None:
    """Make the static files be those of the present sources."""
    sources = fingerprint(_sources(FRONTEND), str(FRONTEND))
    if _BUILD.holds(sources) and (BUILT / "manifest.json").is_file():
        return
    _BUILD.clear()
    environment = _installed()
    run("Front-end, npm run build", ["npm", "run", "build"], cwd=FRONTEND, env=environment)
    _BUILD.set(sources)


def npm(*arguments: str) -> None:
    """Run npm in the front-end's folder with its locked packages, and show what it prints."""
    show(["npm", *arguments], cwd=FRONTEND, env=_installed())


def _installed() -> dict[str, str]:
    environment = node.environment()
    stamp = Stamp(FRONTEND / "node_modules" / ".bellwire.stamp")
    files = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    wanted = fingerprint(files, str(FRONTEND))
    if not stamp.holds(wanted):
        command = ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"]
        run("Front-end, npm ci", command, cwd=FRONTEND, env=environment)
        stamp.set(wanted)
    return environment


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in _NOT_SOURCES:
            yield from _sources(path)
        elif path.is_file():
            yield path

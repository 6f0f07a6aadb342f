"""The commands of the programs that write journals."""

from __future__ import annotations

import shutil
import sys

from bootstrap import node

SUBMITTER = (sys.executable, "-m", "tests.chaos.submitter")
SAMPLER = (sys.executable, "-m", "tests.chaos.reader", "sample")


def observers(kind: str) -> list[str]:
    """Give the command of a kind of client: ``python``, or ``sdk`` in Node."""
    if kind == "python":
        return [sys.executable, "-m", "tests.chaos.observers"]
    found = shutil.which("node", path=node.environment().get("PATH"))
    return [found or "node", "tests/chaos/observers.mjs"]

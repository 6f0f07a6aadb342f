"""Finds a Redis-compatible server that this machine already has.

The command set of Redis 6.2 is the floor: kombu 5.7 needs its ``ZADD GT`` and ``ZRANGE … REV``.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from bootstrap.shell import answer

FLOOR = (6, 2)
_VERSION = re.compile(r"v=(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class RedisBinary:
    """A server's program, what it calls itself, and its version (major, minor)."""

    path: Path
    kind: str
    version: tuple[int, int]


def installed() -> RedisBinary | None:
    """Give the first of redis-server and valkey-server on PATH that is new enough."""
    for name in ("redis-server", "valkey-server"):
        path = shutil.which(name)
        if path and (binary := examine(Path(path))):
            return binary
    return None


def examine(path: Path) -> RedisBinary | None:
    """Ask a server's program for its version; None below the floor or if it does not run."""
    text = answer([path, "--version"]) or ""
    version = version_in(text)
    if version is None or version < FLOOR:
        return None
    return RedisBinary(path, "valkey" if "valkey" in text.lower() else "redis", version)


def version_in(text: str) -> tuple[int, int] | None:
    """Read ``v=7.0.15`` in what a server prints for --version, as (7, 0)."""
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2])) if match else None

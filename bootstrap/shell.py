"""Runs other programs: quiet while all goes well, outspoken when it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bootstrap.errors import BootstrapError
from bootstrap.paths import ROOT

Command = Sequence[str | Path]


def run(
    what: str, command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> None:
    """Do one step, say that, and how long it took; a failed one shows its output and is an error.

    ``env`` is added to the environment. Raises BootstrapError.
    """
    sys.stderr.write(f"{what} …\n")  # it may take a minute: nobody should wonder
    began = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise BootstrapError(f"{what}: failed (exit {done.returncode}); its output is above.")
    sys.stderr.write(f"{what}: {time.monotonic() - began:.1f} s\n")


def show(command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a program whose output is what the caller wants to see. Raises BootstrapError."""
    line = [str(part) for part in command]
    code = subprocess.run(line, cwd=cwd, env={**os.environ, **(env or {})}, check=False).returncode
    if code:
        raise BootstrapError(f"{' '.join(line)} failed (exit {code}).")


def answer(command: Command) -> str | None:
    """Give what a program prints; None if it cannot be run, fails, or takes over 20 s."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout

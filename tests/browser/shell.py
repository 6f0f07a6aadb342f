"""A shell of the running site's own, for what nobody can ask for over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.acceptance.site import ROOT, Site

_SHELL = """
import sys, time
import django
django.setup()
from django.contrib.auth.models import User
from realtime.inbox import notify
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Shell:
    """Does one line after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, line: str) -> None:
        """Say a line, and do not wait until it is done."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Wait until the line that was begun is done."""
        assert self._process.stdout
        assert self._process.stdout.readline() == "done\n"

    def do(self, line: str) -> None:
        """Say a line, and wait until it is done."""
        self.begin(line)
        self.wait()


@contextmanager
def shell_of(site: Site) -> Iterator[Shell]:
    """Open a shell with the site's own data."""
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(site.folder), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", _SHELL],
        cwd=ROOT,
        env={**env, "DJANGO_SETTINGS_MODULE": "project.settings", "PORT": str(site.port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Shell(process)
    finally:
        process.communicate(timeout=20)

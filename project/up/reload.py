"""A reload: every process is replaced by one with the code of today, one after the other.

Whoever asks (``manage.py up --reload``) is another process. It sends SIGUSR2 and follows the
report, a file in the data folder that the supervisor writes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from project.up.errors import UpError
from project.up.lock import holder

#: A supervisor that has not begun by then does not hear.
BEGIN_SECONDS = 10.0
_DONE, _FAILED = "done", "failed: "


class Report:
    """What is told of one reload, line by line; the first line says which one it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self) -> None:
        """Begin anew."""
        self._path.write_text(f"{self.number + 1}\n", encoding="utf-8")

    def say(self, line: str) -> None:
        """Add a line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def end(self, problem: str = "") -> None:
        """Say that it is over, and whether it went well."""
        self.say(f"{_FAILED}{problem}" if problem else _DONE)

    @property
    def number(self) -> int:
        """Which reload this folder has come to."""
        return int((self.lines or ["0"])[0])

    @property
    def lines(self) -> list[str]:
        """All that was said, as far as its lines are whole."""
        try:
            return self._path.read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return []


def ask(lock: Path, path: Path, say: Callable[[str], None]) -> None:
    """Have the platform that holds the lock replace its processes; return when it has.

    Raises UpError if none runs, if it does not hear, or with what went wrong.
    """
    pid = holder(lock)
    if not pid:
        raise UpError("Nothing runs on this data folder.")
    report = Report(path)
    before = report.number
    os.kill(pid, signal.SIGUSR2)
    _await_begin(report, before)
    told = 1
    while True:
        lines = report.lines
        for line in lines[told:]:
            if line == _DONE:
                return
            if line.startswith(_FAILED):
                raise UpError(line.removeprefix(_FAILED))
            say(line)
        told = len(lines)
        if not holder(lock):
            raise UpError("It was stopped meanwhile.")
        time.sleep(0.1)


def _await_begin(report: Report, before: int) -> None:
    deadline = time.monotonic() + BEGIN_SECONDS
    while report.number == before:
        if time.monotonic() > deadline:
            raise UpError("It does not answer, or is reloading already.")
        time.sleep(0.05)

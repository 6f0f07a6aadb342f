"""What a job's function says: cleaned, bounded, and waiting to be written, line by line. Pure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tasks.sentences import clean_line

#: What ``job.log()`` takes; a step is a line of a level of its own.
LEVELS = ("debug", "info", "warning", "error")
STEP = "step"
#: Stored for a job's very last line where more was said than is kept; shown as a warning.
CUT = "cut"

#: Of one line, and of one job over all its attempts.
MAX_CHARACTERS, MAX_LINES, MAX_BYTES = 2_000, 10_000, 1 << 20
#: How many lines wait in memory, and how much of one call is looked at.
MAX_WAITING, MAX_SAID = 2_000, 256 * 1024

_THE_REST = f"The rest was cut: {MAX_LINES:,} lines, and 1 MiB in all, are kept."


class Line(NamedTuple):
    """One line; ``at`` is in seconds since 1970."""

    at: float
    level: str
    text: str


class Output:
    """The lines of one attempt that are yet to be written. Any thread adds, and any takes."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.is_closed = False  #: set once nothing more is kept of the job
        self._clock = clock
        # Reentrant: a signal's handler, or what runs when an object dies, may log as well.
        self._lock = threading.RLock()
        self._waiting: list[Line] = []
        self._missed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, level: str, text: str) -> None:
        """Add a text, each of its lines as one; what finds no room is only counted."""
        if self.is_closed:
            return
        at, parts = self._clock(), _lines_of(text)
        with self._lock:
            room = max(0, MAX_WAITING - len(self._waiting))
            self._waiting += [Line(at, level, _cleaned(part)) for part in parts[:room]]
            self._missed += max(0, len(parts) - room)

    def take(self) -> list[Line]:
        """Take all that waits, and after it a line that says how many found no room."""
        with self._lock:
            taken, self._waiting = self._waiting, []
            missed, self._missed = self._missed, 0
        if missed:
            words = "line was" if missed == 1 else "lines were"
            taken.append(Line(self._clock(), "warning", f"… {missed:,} {words} too many at once"))
        return taken


def fitted(lines: Sequence[Line], n: int, size: int) -> list[Line]:
    """Give what a job may keep of these after ``n`` lines of ``size`` bytes in all.

    Where that is not all of them, the last one given says so.
    """
    for place, line in enumerate(lines):
        size += size_of(line)
        if n + place >= MAX_LINES or size > MAX_BYTES:
            return [*lines[:place], Line(line.at, CUT, _THE_REST)]
    return list(lines)


def size_of(line: Line) -> int:
    """Tell how many bytes a line takes of what a job may keep."""
    return len(line.text.encode())


def _lines_of(text: str) -> list[str]:
    if len(text) > MAX_SAID:
        text = text[: MAX_SAID - 1] + "…"
    return text.splitlines() or [""]


def _cleaned(text: str) -> str:
    return clean_line(text, MAX_CHARACTERS)

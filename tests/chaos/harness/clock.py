"""A clock that one process reads instead of the machine's.

libfaketime, loaded into the process when it starts, reads an offset from a file. The clock for
timeouts is left alone, as it is when somebody sets a machine's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

LIBRARIES = Path("/usr/lib")


class ClockMissing(Exception):
    """libfaketime is not installed (Debian: apt-get install libfaketime)."""

    def __str__(self) -> str:
        return str(self.__doc__)


class Clock:
    """The file that says how far the clock of the process is from the machine's."""

    #: How long the process goes on with what it has read.
    CACHE_SECONDS = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(timedelta())

    def set(self, offset: timedelta) -> None:
        """Put the clock this far ahead; from a second on the process goes by it."""
        # In one step: a reader of half a line would be at some other time.
        new = self._path.with_suffix(".new")
        new.write_text(f"{offset.total_seconds():+.0f}\n")
        new.replace(self._path)

    def environment(self) -> Mapping[str, str]:
        """Give what makes a process go by this clock; ClockMissing if nothing does."""
        found = sorted(LIBRARIES.glob("*/faketime/libfaketime.so.1"))
        if not found:
            raise ClockMissing
        return {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": str(self.CACHE_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
            # Its repair of waits by the clock for timeouts ends each of them at once: Python's
            # threads, which wait so for their lock, then take ten times the processor.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

"""One platform per data folder: whoever holds the lock on its file is the one."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from project.up.errors import AlreadyRuns

#: How long the guard of a killed platform may still be clearing up, and a little more.
CLEARING_SECONDS = 12.0


class Lock:
    """A held lock; it is let go when the last process that has its descriptor ends."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> Lock:
        """Take the lock, waiting while a killed platform's guard still clears up.

        Raises AlreadyRuns with the address of the one that has it.
        """
        # Not "w": the file says who holds the lock until we do.
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
        deadline = time.monotonic() + CLEARING_SECONDS
        while not _locked(file):
            pid, address = _holder(file)
            if pid or time.monotonic() > deadline:
                file.close()
                raise AlreadyRuns(_sentence(pid, address))
            time.sleep(0.1)
        lock = cls(file)
        lock.announce("")
        return lock

    def announce(self, address: str) -> None:
        """Write who holds the lock, for the one who comes second."""
        self._file.seek(0)
        self._file.write(f"{os.getpid()}\n{address}\n")
        self._file.truncate()
        self._file.flush()

    def fileno(self) -> int:
        """Give the descriptor, for the guard to hold as well."""
        return self._file.fileno()

    def release(self) -> None:
        """Let the next one in."""
        self._file.close()


def holder(path: Path) -> int:
    """Give the number of the process that holds the lock; 0 if none does."""
    try:
        with path.open("r+") as file:
            if not _locked(file):
                return int(_holder(file)[0] or 0)
    except (FileNotFoundError, ValueError):
        pass
    return 0


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> tuple[str, str]:
    """Give who announced itself; a guard that clears up has wiped that out."""
    file.seek(0)
    pid, address, *_ = [*file.read().splitlines(), "", ""]
    return pid, address


def _sentence(pid: str, address: str) -> str:
    if not pid:
        return "Bellwire's processes from before do not end; look for them with ps."
    where = f" at {address}" if address else ""
    return f"Bellwire runs already{where} (process {pid}); stop that one first."

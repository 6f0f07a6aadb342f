"""Clears up when the supervisor is killed: a small process that outlives it by seconds.

The supervisor tells it, through a pipe, of every process group that it starts. When the pipe
closes, whatever the reason, the groups that are left are asked to end and then killed: a
worker's own children too, which no signal of the kernel's would reach. It holds the platform's
lock meanwhile, and wipes out who had it. The standard library alone; it runs as a script.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import IO

GRACE_SECONDS = 5.0


class Guard:
    """The supervisor's end: starts the guard, keeps it told, and replaces one that died."""

    def __init__(self, lock: int) -> None:
        self._lock = lock
        self._groups: set[int] = set()
        self._is_dismissed = False
        self._process = self._start()

    def add(self, group: int) -> None:
        """Have this process group ended if the supervisor is killed."""
        self._groups.add(group)
        self._tell(f"+{group}")

    def remove(self, group: int) -> None:
        """Forget a group in which nobody is left: its number may soon be another's."""
        self._groups.discard(group)
        self._tell(f"-{group}")

    def renew(self) -> bool:
        """Start a guard in place of one that died, and tell whether that was needed."""
        if self._is_dismissed or self._process.poll() is None:
            return False
        self._process = self._start()
        for group in self._groups:
            self._tell(f"+{group}")
        return True

    def dismiss(self) -> None:
        """Let it go; it ends whatever it still knows of."""
        self._is_dismissed = True
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._process.wait(timeout=GRACE_SECONDS + 2)

    @property
    def pid(self) -> int:
        """The guard's process."""
        return self._process.pid

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 (started with a pipe)
        return self._process.stdin

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(self._lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            start_new_session=True,
            bufsize=0,
        )

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # it died: renew() tells the next one
            self._pipe.write(f"{line}\n".encode())


def watch(lines: Iterable[str]) -> set[int]:
    """Follow what the supervisor says to its end, and give the groups that were left."""
    groups: set[int] = set()
    for line in lines:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    return groups


def clear(groups: Iterable[int]) -> None:
    """Ask every group's leader to end, wait a little, and kill what is left of the groups."""
    for group in groups:
        _send(os.kill, group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(_send(os.killpg, group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        _send(os.killpg, group, signal.SIGKILL)


def _send(to: Callable[[int, int], None], number: int, what: int) -> bool:
    try:
        to(number, what)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    left = watch(sys.stdin)
    os.ftruncate(int(sys.argv[1]), 0)
    clear(left)

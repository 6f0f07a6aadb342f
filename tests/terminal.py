"""A program under test as a person at a terminal meets it: its lines, its signals, its end."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent


class Running:
    """A started program whose output is collected as it comes."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path = ROOT) -> None:
        self.lines: list[str] = []
        self._grew = threading.Condition()
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """Everything that it wrote so far."""
        return "\n".join(self.lines)

    def expect(self, pattern: str, *, times: int = 1, within: float = 30) -> list[re.Match[str]]:
        """Wait until this many lines match, and give the matches."""
        found: list[re.Match[str]] = []

        def enough() -> bool:
            found[:] = [match for line in self.lines if (match := re.search(pattern, line))]
            return len(found) >= times

        with self._grew:
            assert self._grew.wait_for(enough, within), f"no {pattern!r} in:\n{self.text}"
        return found

    def send(self, what: signal.Signals) -> None:
        """Send a signal to it alone."""
        self._process.send_signal(what)

    def wait(self, within: float) -> int:
        """Wait for its end and give its exit code."""
        code = self._process.wait(within)
        self._reader.join(5)
        return code

    def end(self, patience: float = 15) -> None:
        """Ask it to end, if it still runs, and do not ask for ever."""
        if self._process.poll() is None:
            self.send(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(patience)
        self.close()

    def close(self) -> None:
        """End it, if it still runs, the hard way."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._grew:
                self.lines.append(line.rstrip("\n"))
                self._grew.notify_all()


class Terminal:
    """A pseudo-terminal with a program in its foreground."""

    def __init__(self, command: Sequence[str], *, cwd: Path = ROOT) -> None:
        self._fd, inner = pty.openpty()
        # setsid makes the terminal the program's own, as a shell in a window has it.
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], cwd=cwd, stdin=inner, stdout=inner, stderr=inner
        )
        self.pid = self._process.pid
        os.close(inner)
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def read_until(self, pattern: str) -> str:
        """Give what it writes up to and with the first match."""
        text = ""
        while not (match := re.search(pattern, text)):
            text += os.read(self._fd, 4096).decode(errors="replace")
        return text[: match.end()]

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._fd, text.encode())

    def hang_up(self) -> None:
        """Close the window."""
        if self._is_open:
            self._is_open = False
            os.close(self._fd)

    def wait(self, within: float) -> int:
        """Wait for its end and give its exit code."""
        return self._process.wait(within)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be noticed does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_gone(pids: Sequence[int], within: float) -> list[int]:
    """Wait until none of these runs, and give those that still do."""
    deadline = time.monotonic() + within
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def descendants(pid: int) -> list[int]:
    """Give every process below this one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(encoding="utf-8")
            except OSError:
                continue
            parent = int(text.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)

"""The processes that the benchmark starts, pins to a core and stops, each by its own pid."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_prctl = ctypes.CDLL(None).prctl

ROOT = Path(__file__).resolve().parents[2]


class ChildFailed(Exception):
    """A process of the benchmark ended or did not get ready; its log says why."""


class Child:
    """A process kept on some cores, in a process group of its own, with its output in a file."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cores: set[int],
        log: Path,
        env: Mapping[str, str] | None = None,
        talks: bool = False,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else output,
                stderr=output,
                start_new_session=True,
                preexec_fn=partial(_settle_in, cores, os.getpid()),
            )
        self.pid = self.process.pid
        # Others' work on the machine should wait, not ours; only root may ask for that.
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/autogroup").write_text("-10")

    def until_listening(self, port: int, seconds: float = 30) -> None:
        """Wait until a loopback port takes connections."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        raise ChildFailed(f"{self.process.args!r}\n{self.tail()}")

    def tail(self) -> str:
        """Give the end of what the process wrote."""
        return self.log.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End the process politely, then what is left of its group by force."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def _settle_in(cores: set[int], parent: int) -> None:
    """Keep to some cores, and end with the benchmark however that ends."""
    os.sched_setaffinity(0, cores)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def module(name: str, *arguments: object) -> list[str]:
    """Spell the command that runs one of our modules."""
    return [sys.executable, "-m", name, *map(str, arguments)]


def free_port() -> int:
    """Find a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""One program of the platform, run as a process that can be killed, frozen and started again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals

from tests.chaos.harness.waiting import until

ROOT = Path(__file__).resolve().parents[3]
#: How long a program may take to leave on SIGTERM before it is killed.
LEAVE_SECONDS = 30.0


class Program:
    """A command, and the process that runs it now, with all its children as one group."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path
    ) -> None:
        self.name, self._command, self._env = name, command, dict(env)
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process, or of the last one."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def state(self) -> str:
        """Give the kernel's letter for it: ``T`` is stopped, ``Z`` dead, empty gone."""
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return ""
        return text.rpartition(")")[2].split()[0]

    def start(self) -> None:
        """Start it, or start it again."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def signal(self, number: Signals) -> None:
        """Send a signal to the process and its children."""
        with suppress(ProcessLookupError):  # it is gone, and so are they
            os.killpg(self.pid, number)

    async def end(self, seconds: float = LEAVE_SECONDS) -> int:
        """Wait for its end and return how it ended; TimeoutError if it does not end by then."""
        await until(lambda: not self.is_running, seconds)
        assert self._process is not None
        return self._process.returncode

    async def kill(self) -> int:
        """Kill it with its children, at once, also when it is frozen."""
        self.signal(SIGKILL)
        return await self.end()

    def freeze(self) -> None:
        self.signal(SIGSTOP)

    def thaw(self) -> None:
        self.signal(SIGCONT)

    async def leave(self) -> int:
        """Ask it to leave and return how it ended; it is killed if it does not."""
        # Its children hear of it from their parent, as they would from a supervisor's signal.
        os.kill(self.pid, SIGTERM)
        try:
            return await self.end()
        except TimeoutError:
            await self.kill()
            raise

    async def stop(self) -> None:
        """Have it gone, whatever it is doing."""
        if not self.is_running:
            return
        self.thaw()
        with suppress(TimeoutError):
            await self.leave()
        # A child may outlive its parent.
        self.signal(SIGKILL)

"""Child processes: started in sessions of their own, heard, waited for, ended with their group."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from project.up.guard import Guard
from project.up.lines import Lines
from project.up.output import Output
from project.up.program import Program

logger = logging.getLogger(__name__)

_LEASH = str(Path(__file__).with_name("leash.py"))
_FOLDER = Path(__file__).resolve().parents[2]


class Child(asyncio.Protocol):
    """One run of a program."""

    def __init__(self, program: Program, popen: subprocess.Popen[bytes], output: Output) -> None:
        self.program, self.pid = program, popen.pid
        self._popen, self._output, self._lines = popen, output, Lines()
        self._ended = asyncio.Event()

    async def ended(self) -> int:
        """Wait for its end and give its exit code, negative for the signal that killed it."""
        await self._ended.wait()
        return int(self._popen.returncode)

    async def end(self) -> None:
        """Ask it to end as its program says; kill its group when it does not."""
        for ending in self.program.endings:
            self._send(os.kill, ending.signal)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ending.seconds):
                    await self._ended.wait()
                    return
        self.kill()
        await self._ended.wait()

    async def leave(self) -> None:
        """Ask it to finish its work and go; end it when it takes longer than it may."""
        if leave := self.program.leave:
            self._send(os.kill, leave.signal)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(leave.seconds):
                    await self._ended.wait()
                    return
        await self.end()

    def kill(self) -> None:
        """Kill it and every process that it started."""
        self._send(os.killpg, signal.SIGKILL)

    def reap(self) -> bool:
        """Take note of its end, if it has ended, and kill whatever it left behind."""
        # WNOWAIT: until we wait for it, its number cannot become another process's or group's.
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self.kill()
        self._popen.wait()
        self._ended.set()
        return True

    def data_received(self, chunk: bytes) -> None:
        """Pass on what it writes."""
        for line in self._lines.feed(chunk):
            self._output.line(self.program.name, line)

    def connection_lost(self, _: Exception | None) -> None:
        """Pass on what it wrote last."""
        for line in self._lines.close():
            self._output.line(self.program.name, line)

    def _send(self, to: Callable[[int, int], None], what: signal.Signals) -> None:
        # Once it is waited for, its number may be somebody else's.
        if not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                to(self.pid, what)


class Children:
    """All that run. Every change is told to the guard."""

    def __init__(self, environment: Mapping[str, str], output: Output, guard: Guard) -> None:
        self._environment = {**os.environ, **environment}
        self._output, self._guard = output, guard
        self._living: set[Child] = set()
        self._hearing: set[asyncio.Task[Any]] = set()

    def attend(self) -> None:
        """Notice ends from now on; called on the running loop, in the main thread."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._look)

    def start(self, program: Program) -> Child:
        """Start a program."""
        popen = subprocess.Popen(
            [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), *program.command],
            cwd=_FOLDER,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=program.fds,
            # A session of its own: Ctrl-C and a closed terminal reach the supervisor alone.
            start_new_session=True,
        )
        self._guard.add(popen.pid)
        child = Child(program, popen, self._output)
        self._living.add(child)
        self._hear(child, popen)
        self._look()  # its end may have come before it was among the living
        return child

    def kill_all(self) -> None:
        """Kill everything at once."""
        for child in self._living:
            child.kill()

    def _hear(self, child: Child, popen: subprocess.Popen[bytes]) -> None:
        loop = asyncio.get_running_loop()
        hearing = loop.create_task(loop.connect_read_pipe(lambda: child, popen.stdout))
        self._hearing.add(hearing)
        hearing.add_done_callback(self._hearing.discard)

    def _look(self) -> None:
        for child in [child for child in self._living if child.reap()]:
            self._living.discard(child)
            self._guard.remove(child.pid)
        if self._guard.renew():
            logger.warning(
                "The guard died; another took its place.", extra={"action": "up.guard_replaced"}
            )

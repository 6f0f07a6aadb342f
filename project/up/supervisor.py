"""Starts processes stage by stage, watches them until a signal comes, stops them in order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Sequence

from project.up import terminal
from project.up.children import Children
from project.up.output import Output
from project.up.process import Process
from project.up.program import Program

ONE_PRESS_SECONDS = 0.7


class Supervisor:
    """All processes of one platform."""

    def __init__(self, children: Children, output: Output) -> None:
        self._children, self._output = children, output
        self._stages: list[list[Process]] = []
        self._stop = asyncio.Event()
        self._told_at = 0.0

    @property
    def processes(self) -> list[Process]:
        """Everything that is kept running, the last started first."""
        return [process for stage in self._stages for process in stage]

    def start(self, stage: Sequence[Program]) -> None:
        """Keep these running. They will be stopped together, before all that started earlier."""
        processes = [Process(program, self._children) for program in stage]
        self._stages.insert(0, processes)
        for process in processes:
            process.start()

    async def run(self, bring_up: Awaitable[None]) -> None:
        """Do ``bring_up``, which starts the stages; then wait for a signal, and stop everything.

        What ``bring_up`` raises is raised here, once everything is stopped.
        """
        self._attend()
        rising = asyncio.ensure_future(bring_up)
        told = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({rising, told}, return_when=asyncio.FIRST_COMPLETED)
            if rising.done():
                rising.result()
                await told
        finally:
            rising.cancel()
            await self._stop_all()

    def _attend(self) -> None:
        self._children.attend()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        loop.add_signal_handler(signal.SIGTERM, self._begin_to_stop)
        # An ignored SIGHUP is nohup's doing: it wants us to outlive the terminal.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._begin_to_stop)
            terminal.watch(lambda: loop.call_soon_threadsafe(self._begin_to_stop))

    def _interrupted(self) -> None:
        # One Ctrl-C may come twice, from the terminal and passed on by make or timeout.
        if self._stop.is_set() and time.monotonic() > self._told_at + ONE_PRESS_SECONDS:
            self._output.say("Told twice: everything is killed.")
            self._children.kill_all()
        self._begin_to_stop()

    def _begin_to_stop(self) -> None:
        if not self._stop.is_set():
            self._output.say("Stopping; another Ctrl-C kills at once.")
            self._told_at = time.monotonic()
            self._stop.set()

    async def _stop_all(self) -> None:
        for process in self.processes:
            process.let_go()
        for stage in self._stages:
            await asyncio.gather(*(process.stop() for process in stage))

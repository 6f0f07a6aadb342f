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
from project.up.reload import Report
from project.up.succession import NoSuccessor

ONE_PRESS_SECONDS = 0.7


class Supervisor:
    """All processes of one platform."""

    def __init__(self, children: Children, output: Output, report: Report) -> None:
        self._children, self._output, self._report = children, output, report
        self._reloading: asyncio.Task[None] | None = None
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
        loop.add_signal_handler(signal.SIGUSR2, self._begin_to_reload)
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

    def _begin_to_reload(self) -> None:
        is_reloading = self._reloading is not None and not self._reloading.done()
        if not is_reloading and not self._stop.is_set():
            self._reloading = asyncio.create_task(self._reload())

    async def _reload(self) -> None:
        """Replace one process after the other; the first that cannot be ends the reload."""
        self._report.begin()
        try:
            for process in self.processes:
                if not process.program.is_shared:
                    self._tell(f"{process.program.name}: its successor starts")
                    await process.replace()
        except NoSuccessor as error:
            self._tell(f"{error} Those that were not replaced yet go on.")
            self._report.end(str(error))
        else:
            self._tell("All are replaced; those before finish what they have begun.")
            self._report.end()

    def _tell(self, line: str) -> None:
        self._output.say(line)
        self._report.say(line)

    async def _stop_all(self) -> None:
        if self._reloading is not None:
            self._reloading.cancel()
        for process in self.processes:
            process.let_go()
        for stage in self._stages:
            await asyncio.gather(*(process.stop() for process in stage))

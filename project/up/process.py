"""One line of the table, kept running: when its child dies, another is started."""

from __future__ import annotations

import asyncio
import logging
import signal
import time

from project.up.backoff import Backoff
from project.up.children import Child, Children
from project.up.program import Program
from project.up.succession import succeed

logger = logging.getLogger(__name__)


class Process:
    """Keeps one program running until it is let go."""

    def __init__(self, program: Program, children: Children) -> None:
        self.program = program
        self._children = children
        self._child: Child | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._leaving: dict[Child, asyncio.Task[None]] = {}

    @property
    def pid(self) -> int | None:
        """The number of its present child, if there is one."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Begin to keep it running."""
        self._child = self._children.start(self.program)
        self._keeping = asyncio.create_task(self._keep(self._child), name=self.program.name)

    def let_go(self) -> None:
        """Start it no more; a child that runs goes on."""
        if self._keeping:
            self._keeping.cancel()

    async def stop(self) -> None:
        """End it for good, and those it has replaced."""
        self.let_go()
        present = [self._child] if self._child else []
        await asyncio.gather(*(child.end() for child in (*present, *self._leaving)))

    async def replace(self) -> None:
        """Let a successor take over; raises NoSuccessor, and keeps the old one, if none can.

        Who leaves finishes its work; that is not waited for here.
        """
        old = self._child
        if self.program.successor is None or old is None:
            self.let_go()
            if old:
                await old.end()
            self.start()
            return
        program = self.program.successor()
        child = await succeed(program, self._children)
        self.let_go()
        self.program, self._child = program, child
        self._keeping = asyncio.create_task(self._keep(child), name=program.name)
        self._see_off(old)

    def _see_off(self, old: Child) -> None:
        leaving = asyncio.create_task(old.leave(), name=f"{old.program.name} leaves")
        self._leaving[old] = leaving
        leaving.add_done_callback(lambda _: self._forget(old))

    def _forget(self, old: Child) -> None:
        self._leaving.pop(old, None)
        if old.program.admin:
            old.program.admin.unlink(missing_ok=True)  # one that was killed leaves it behind

    async def _keep(self, child: Child) -> None:
        backoff = Backoff()
        began = time.monotonic()
        while True:
            code = await child.ended()
            self._child = None
            wait = backoff.after(time.monotonic() - began)
            logger.warning(
                "%s %s; it starts again in %g s.",
                self.program.name,
                _describe(code),
                wait,
                extra={"action": "up.process_restarted"},
            )
            await asyncio.sleep(wait)
            began = time.monotonic()
            child = self._child = self._children.start(self.program)


def _describe(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was killed by {signal.Signals(-code).name}"

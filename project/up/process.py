"""One line of the table, kept running: when its child dies, another is started."""

from __future__ import annotations

import asyncio
import logging
import signal
import time

from project.up.backoff import Backoff
from project.up.children import Child, Children
from project.up.program import Program

logger = logging.getLogger(__name__)


class Process:
    """Keeps one program running until it is let go."""

    def __init__(self, program: Program, children: Children) -> None:
        self.program = program
        self._children = children
        self._child: Child | None = None
        self._keeping: asyncio.Task[None] | None = None

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
        """End it for good."""
        self.let_go()
        if self._child:
            await self._child.end()

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

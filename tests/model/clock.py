"""Event loops that share a clock: time passes only when none of them has anything left to do."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from typing import Any


class Clock:
    """The time of several loops, in seconds; runs hours in milliseconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self._loops: list[VirtualLoop] = []
        #: What was raised in a loop and caught by nobody.
        self.failures: list[object] = []

    def new_loop(self) -> VirtualLoop:
        loop = VirtualLoop(self)
        loop.set_exception_handler(lambda _, context: self.failures.append(context))
        self._loops.append(loop)
        return loop

    def let_pass(self, seconds: float) -> None:
        """Let everything happen that happens within so many seconds."""
        until = self.now + seconds
        while (then := self.now + self.settle()) <= until:
            self.now = then
        self.now = until
        self.settle()

    def settle(self) -> float:
        """Let happen what happens now; return how long nothing will, perhaps for ever."""
        for loop in self._loops:
            loop.run_until_idle()
        # Again, for one may have given another something to do.
        return min(loop.run_until_idle() for loop in self._loops)

    def finish(self) -> None:
        """Cancel what is under way, and close the loops."""
        for loop in self._loops:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_idle()
            loop.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """One process's loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(_Selector(self))
        self.idle_seconds = math.inf

    def time(self) -> float:
        return self._clock.now

    def run_until_idle(self) -> float:
        """Run what is due; return for how many seconds nothing will be."""
        self.run_forever()
        return self.idle_seconds

    def do(self, act: Callable[[], object]) -> None:
        """Run something here, and what follows from it at once."""
        self.call_soon(act)
        self.run_until_idle()


class _Selector(selectors.SelectSelector):
    """Waits for nothing; asked to wait, it stops its loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            self._loop.idle_seconds = math.inf if timeout is None else timeout
            self._loop.stop()
        return []

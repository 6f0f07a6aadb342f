"""An event loop whose time passes only when nothing else is left to do, and then at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Iterable
from typing import Any


class _Selector(selectors.SelectSelector):
    """Waits for nothing: what would be waited for is added to the time."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the loop waits for something that never comes"
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs hours in milliseconds, the same way every time."""

    def __init__(self) -> None:
        self._waiter = _Selector()
        super().__init__(self._waiter)

    def time(self) -> float:
        return self._waiter.passed

    def let_pass(self, seconds: float) -> None:
        """Let everything happen that happens within so many seconds."""
        self.run_until_complete(asyncio.sleep(seconds))

    def finish(self) -> None:
        """Cancel what is under way, and close."""
        self.run_until_complete(_cancel(asyncio.all_tasks(self)))
        self.close()


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

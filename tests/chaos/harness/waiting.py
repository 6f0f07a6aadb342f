"""Waiting for what other processes do: nobody tells of it, so one looks again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable

Condition = Callable[[], object] | Callable[[], Awaitable[object]]


async def happens(condition: Condition, seconds: float, every: float = 0.05) -> bool:
    """Wait until a condition is true; tell whether that came in time."""
    try:
        await until(condition, seconds, every)
    except TimeoutError:
        return False
    return True


async def until(condition: Condition, seconds: float, every: float = 0.05) -> None:
    """Wait until a condition is true; TimeoutError if that does not come in time."""
    async with asyncio.timeout(seconds):
        while not await _is_true(condition):  # noqa: ASYNC110  # what is there to await?
            await asyncio.sleep(every)


async def _is_true(condition: Condition) -> bool:
    found = condition()
    return bool(await found if isawaitable(found) else found)

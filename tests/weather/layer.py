"""Our layer, whose messages are lost, doubled, late and out of order on their way in."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable

from realtime.layer import LoopLayer, RedisLayer

LOST, DOUBLED, LATE = 0.3, 0.2, 0.5
MOST_SECONDS = 3.0
#: The hub's message to itself: without it no process would ever be ready.
_PROBE = b"bellwire.probe"


class Weather:
    """What becomes of a message."""

    def __init__(self, deliver: Callable[[bytes], None], lost: float, seed: int) -> None:
        self._deliver, self._lost, self._random = deliver, lost, random.Random(seed)

    def pass_on(self, data: bytes) -> None:
        """Deliver a message never, once or twice, now or later."""
        if _PROBE in data:
            self._deliver(data)
        elif self._random.random() >= self._lost:
            for _ in range(2 if self._random.random() < DOUBLED else 1):
                self._let_fall(data)

    def _let_fall(self, data: bytes) -> None:
        if self._random.random() < LATE:
            seconds = self._random.uniform(0, MOST_SECONDS)
            asyncio.get_running_loop().call_later(seconds, self._deliver, data)
        else:
            self._deliver(data)


class _StormyLoopLayer(LoopLayer):
    async def open_channel(self, deliver: Callable[[bytes], None]) -> str:
        lost = float(os.environ.get("WEATHER_LOST", LOST))
        return await super().open_channel(Weather(deliver, lost, os.getpid()).pass_on)


class StormyLayer(RedisLayer):
    """Settings' ``BACKEND``; ``WEATHER_LOST`` is the share of messages that never arrive."""

    loop_layer = _StormyLoopLayer

"""The nemesis: carries a plan out, and writes down what it did and what shows that it hit."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import psycopg
from redis.exceptions import RedisError

from tests.chaos import journal, records
from tests.chaos.nemesis.faults import ALL
from tests.chaos.nemesis.plan import Planned
from tests.chaos.nemesis.stage import Stage

#: A fault that is not over by then has gone wrong itself.
MOST_SECONDS = 180.0


class Nemesis:
    """Two lanes of faults, of which no two of one group ever happen at a time."""

    def __init__(self, stage: Stage, lanes: Sequence[Sequence[Planned]], seed: int) -> None:
        self._stage, self._lanes = stage, lanes
        self._journal = journal.Journal(stage.platform.journals / journal.NEMESIS)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        count = sum(map(len, lanes))
        self._journal.write(records.Planned(t=_now(), count=count, seed=seed))

    async def run(self) -> None:
        """Let all faults happen."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(self._take(lane))

    def healed(self) -> None:
        """Say that all is well again; nothing happens after this."""
        self._journal.write(records.Healed(t=_now()))
        self._journal.close()

    async def _take(self, lane: Sequence[Planned]) -> None:
        for planned in lane:
            await asyncio.sleep(planned.pause)
            async with self._turns[ALL[planned.fault].group]:
                await self._strike(planned)

    async def _strike(self, planned: Planned) -> None:
        n, strike = planned.n, ALL[planned.fault].strike
        begin = records.Begin(t=_now(), fault=planned.fault, target=planned.target, n=n)
        self._journal.write(begin)
        # One that fails itself has no evidence, and so the run will prove nothing.
        with suppress(OSError, RedisError, psycopg.Error):
            async with asyncio.timeout(MOST_SECONDS):
                evidence = await strike(self._stage, planned.target, planned.seconds)
            if evidence:
                self._journal.write(records.Hit(t=_now(), n=n, evidence=dict(evidence)))
        self._journal.write(records.Over(t=_now(), n=n))


def _now() -> float:
    return time.monotonic()

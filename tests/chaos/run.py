"""A chaos run: the platform under load and faults, then at rest, and what its journals prove."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import reader
from tests.chaos.harness.arrivals import all_clients_arrive, all_jobs_end
from tests.chaos.harness.audience import Audience, Habits
from tests.chaos.harness.clock import Clock
from tests.chaos.harness.database import Database, running_database
from tests.chaos.harness.platform import Platform
from tests.chaos.nemesis.faults import faults_of
from tests.chaos.nemesis.nemesis import Nemesis
from tests.chaos.nemesis.plan import Planned, plan
from tests.chaos.nemesis.stage import Stage
from tests.chaos.profiles import Profile


@dataclass(frozen=True)
class Run:
    """What is to be run, and the folder that will have its journals."""

    profile: Profile
    folder: Path
    seed: int
    database: str = "sqlite"
    env: Mapping[str, str] = field(default_factory=dict)
    #: In place of faults that the seed chooses.
    faults: Sequence[Planned] | None = None
    #: One that the Python clients are to have.
    client_bug: str = ""

    async def execute(self) -> Path:
        """Run it; return the folder of its journals, complete."""
        with running_database(self.database, self.folder) as database:
            async with self._platform(database) as platform:
                await self._live(platform)
            await asyncio.to_thread(reader.write_final, database.url, platform.journals)
        return platform.journals

    @asynccontextmanager
    async def _platform(self, database: Database) -> AsyncIterator[Platform]:
        clock = Clock(self.folder / "clock") if self.profile.with_clock else None
        size = {"webs": self.profile.webs, "workers": self.profile.workers}
        platform = Platform(self.folder, database, **size, clock=clock, env=self.env)
        try:
            yield platform
        finally:
            await platform.stop()

    async def _live(self, platform: Platform) -> None:
        # One session is for submitting.
        sessions = self.profile.clients_per_user + 1
        keys = await platform.make_crowd(self.profile.users, sessions)
        await platform.start()
        audience = Audience(platform, keys, self.seed, Habits(bug=self.client_bug))
        async with audience.watching():
            await self._suffer(platform, audience)
            journals, database = platform.journals, platform.database
            await all_jobs_end(database, self.profile.jobs_seconds)
            patience = self.profile.clients_seconds
            await all_clients_arrive(database, journals, audience.seats, patience)

    async def _suffer(self, platform: Platform, audience: Audience) -> None:
        log_outs = audience.log_outs(self.profile.log_outs, self.profile.seconds)
        leaving = {each["client"] for each in log_outs}
        stage = Stage(platform, audience.proxies)
        nemesis = Nemesis(stage, self._plan(platform, audience, leaving), self.seed)
        async with asyncio.TaskGroup() as group:
            group.create_task(nemesis.run())
            group.create_task(
                audience.submit(
                    jobs=self.profile.jobs,
                    per_second=self.profile.jobs / self.profile.seconds,
                    kinds=self.profile.kinds,
                    arguments=self.profile.arguments,
                    cancelled=self.profile.cancelled,
                    marked=self.profile.marked,
                    logouts=log_outs,
                )
            )
        await platform.heal()
        nemesis.healed()

    def _plan(
        self, platform: Platform, audience: Audience, leaving: set[str]
    ) -> list[list[Planned]]:
        if self.faults is not None:
            return [list(self.faults)]
        faults = faults_of(self.database, with_clock=self.profile.with_clock)
        targets = {
            # A client that cannot be reached cannot be told that its session is over.
            "client": [seat.name for seat in audience.seats if seat.name not in leaving],
            "web": [web.name for web in platform.webs],
            "clock": [platform.webs[-1].name],
            "worker": [worker.name for worker in platform.workers],
            "redis": ["redis"],
            "database": [self.database],
        }
        count = self.profile.faults or len(faults)
        return plan(faults, targets, count, self.profile.fault_seconds, self.seed)

"""The real platform for one chaos run: servers, workers, reconcilers, each a process of its own."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tests.acceptance.site import UnixConnection
from tests.chaos.harness.clock import Clock
from tests.chaos.harness.database import Database
from tests.chaos.harness.program import ROOT, Program
from tests.chaos.harness.redis import RedisProgram
from tests.chaos.harness.waiting import until
from tests.chaos.journal import LEDGER

START_SECONDS = 60.0
RECONCILE_SECONDS = 2.0
SETTINGS = "tests.chaos.settings"


class Web(Program):
    """A Daphne process on a port of its own, which it keeps from one life to the next."""

    def __init__(self, name: str, env: Mapping[str, str], folder: Path) -> None:
        self.port = _free_port()
        self._admin = folder / "run" / f"{name}.sock"
        where = ["--bind", f"127.0.0.1:{self.port}", "--admin", str(self._admin)]
        command = [sys.executable, "manage.py", "serve", *where, "--name", name]
        super().__init__(name, command, env, folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, seconds: float = 2.0) -> tuple[int, http.client.HTTPMessage]:
        """Ask it for a page; OSError if it does not answer."""
        try:
            with closing(
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
            ) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                return answer.status, answer.headers
        except http.client.HTTPException as error:
            raise ConnectionError(repr(error)) from error

    def metrics(self) -> str:
        """Ask it, and no other, for its metrics; empty if it does not answer."""
        try:
            with closing(UnixConnection(self._admin)) as connection:
                connection.request("GET", "/metrics", headers={"Host": "localhost"})
                return connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException):
            return ""

    def serves(self) -> bool:
        """Tell whether it answers, however well the rest is."""
        try:
            return self.get("/login/")[0] == 200
        except OSError:
            return False


class Platform:
    """All processes; ``env`` is what each of them is told."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        *,
        webs: int,
        workers: int,
        clock: Clock | None = None,
        env: Mapping[str, str],
    ) -> None:
        """Prepare it; the last of the servers goes by ``clock``."""
        self.folder, self.database = folder, database
        self.journals = folder / "journals"
        self.journals.mkdir()
        self.redis = RedisProgram(folder)
        self.env = {**self._environment(), **env}
        self.clock = clock
        own = {**self.env, **(clock.environment() if clock else {})}
        self.webs = [
            Web(f"web{n}", own if n == webs else self.env, folder) for n in range(1, webs + 1)
        ]
        self.workers = [self._worker(f"worker{n}") for n in range(1, workers + 1)]
        self.reconcilers = [self._reconciler(f"reconciler{n}") for n in (1, 2)]

    @property
    def programs(self) -> Sequence[Program]:
        return (self.redis, *self.webs, *self.workers, *self.reconcilers)

    @property
    def ledger(self) -> Path:
        return self.journals / LEDGER

    def named(self, name: str) -> Program:
        """Give the program of this name."""
        return next(program for program in self.programs if program.name == name)

    async def make_crowd(self, users: int, sessions: int) -> list[list[str]]:
        """Make the database's tables and people; return each user's session keys, from user 1."""
        command = [sys.executable, "-m", "tests.chaos.harness.crowd", str(users), str(sessions)]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=self.env, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(START_SECONDS):
            printed, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError("the crowd could not be made")
        keys: list[list[str]] = json.loads(printed)
        return keys

    async def start(self) -> None:
        """Start everything and wait until it is ready; TimeoutError if it does not get so."""
        await self.redis.begin()
        for program in (*self.webs, *self.workers, *self.reconcilers):
            program.start()
        await self.heal()

    async def heal(self) -> None:
        """Have every process run and answer; TimeoutError if they do not come to it."""
        for program in self.programs:
            if not program.is_running:
                program.start()
            program.thaw()
        for web in self.webs:
            await self.serving(web)

    async def serving(self, web: Web) -> None:
        """Wait until a server is ready; TimeoutError if it does not become so."""
        await until(lambda: asyncio.to_thread(web.serves), START_SECONDS, every=0.1)

    async def stop(self) -> None:
        """Have everything gone: first who asks, then who is asked."""
        for group in (self.webs, self.reconcilers, self.workers, [self.redis]):
            await asyncio.gather(*(program.stop() for program in group))

    def _worker(self, name: str) -> Program:
        options = ["-Q", "default", "-c", "4", "-n", f"{name}@chaos", "-l", "WARNING"]
        command = [sys.executable, "-m", "celery", "-A", "project", "worker", *options]
        return Program(name, command, self.env, self.folder)

    def _reconciler(self, name: str) -> Program:
        command = [sys.executable, "manage.py", "reconcile", "--every", str(RECONCILE_SECONDS)]
        return Program(name, command, self.env, self.folder)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "SECRET_KEY": "chaos-only-" + "0" * 40,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis.url,
            "LOG_LEVEL": "INFO",
            "CHAOS_LEDGER": str(self.ledger),
        }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])

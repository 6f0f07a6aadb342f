"""The whole platform, started as a newcomer starts it, and people who use it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import websockets.sync.client as websocket

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse"
START_SECONDS, STOP_SECONDS = 100, 20


class Site:
    """A running platform: its address, its data folder, its processes' private sockets."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int) -> None:
        self.folder, self.process, self.port = folder, process, port
        self.origin = f"http://127.0.0.1:{port}"

    def get(self, path: str, admin: Path | None = None) -> tuple[int, bytes]:
        """Ask the shared address or, given an admin socket, one process alone."""
        connection = (
            UnixConnection(admin) if admin else http.client.HTTPConnection("127.0.0.1", self.port)
        )
        with closing(connection):
            connection.request("GET", path, headers={"Host": f"127.0.0.1:{self.port}"})
            response = connection.getresponse()
            return response.status, response.read()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def sockets(self) -> dict[str, int]:
        """Count the open WebSockets of each process."""
        counts = {}
        for admin in sorted((self.folder / "run").glob("web*.sock")):
            text = self.get("/metrics", admin)[1].decode()
            found = re.search(r"^bellwire_sockets (\S+)", text, re.MULTILINE)
            counts[admin.stem] = int(float(found[1])) if found else 0
        return counts

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False


class Person:
    """Somebody signed in by the log-in form, as a browser would be."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name, self._cookies = site, name, dict[str, str]()
        self.request("GET", "/login/")
        form = f"username={name}&password={PASSWORD}"
        status, _ = self.request(
            "POST", "/login/", form.encode(), "application/x-www-form-urlencoded"
        )
        assert status == 302, status

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> tuple[int, Any]:
        """Send a request with this person's cookies; JSON is decoded, both ways."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = {"Cookie": self.cookie, "Origin": self.site.origin}
        if method != "GET":
            headers |= {"Content-Type": content_type, "X-CSRFToken": self._cookies["csrftoken"]}
        with closing(connection):
            connection.request(method, path, sent, headers)
            response = connection.getresponse()
            content = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: m.value for name, m in SimpleCookie(line).items()}
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(content) if is_json and content else content

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload a file in one piece and return its id."""
        status, file = self.request("POST", f"/api/files?name={name}", content, content_type)
        assert status == 201, file
        return str(file["id"])

    def start(self, kind: str, **arguments: Any) -> dict[str, Any]:
        """Start a job and return it."""
        status, job = self.request("POST", "/api/jobs", {"kind": kind, "arguments": arguments})
        assert status == 201, job
        return dict(job)

    @contextmanager
    def tab(self, **connect: Any) -> Iterator[Tab]:
        """Open a socket that speaks the client protocol, and say connect."""
        headers = {"Cookie": self.cookie}
        url = f"ws://127.0.0.1:{self.site.port}/connection/websocket"
        with websocket.connect(url, additional_headers=headers, origin=self.site.origin) as raw:
            yield Tab(raw, connect)


class Tab:
    """One open socket, read message by message; it answers pings by itself."""

    def __init__(self, raw: websocket.ClientConnection, connect: dict[str, Any]) -> None:
        self._raw, self._waiting = raw, list[dict[str, Any]]()
        self.say({"id": 1, "connect": connect})
        self.connected = self.next()["connect"]

    def say(self, command: dict[str, Any]) -> None:
        self._raw.send(json.dumps(command))

    def next(self, seconds: float = 10) -> dict[str, Any]:
        """Wait for the next reply or push."""
        while not self._waiting:
            lines = str(self._raw.recv(timeout=seconds)).split("\n")
            for message in map(json.loads, lines):
                self._waiting.append(message) if message else self._raw.send("{}")
        return self._waiting.pop(0)

    def publications(self, until: str, seconds: float = 30) -> list[dict[str, Any]]:
        """Collect publications up to and with one of the type ``until``."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + seconds
        while not found or found[-1]["data"]["type"] != until:
            message = self.next(deadline - time.monotonic())
            if publication := message.get("push", {}).get("pub"):
                found.append(publication)
        return found


@contextmanager
def running_site(folder: Path, *options: str, **env: str) -> Iterator[Site]:
    """Run ``manage.py up`` until the block ends; it must then leave by itself."""
    port = _free_port()
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    settings = {
        "DATA_DIR": str(folder), "PORT": str(port), "DEMO_PASSWORD": PASSWORD, "LOG_LEVEL": "INFO"
    }  # fmt: skip
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *options],
            cwd=ROOT, env={**known, **settings, **env}, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    site = Site(folder, process, port)
    try:
        wait_until(lambda: process.poll() is not None or site.is_ready(), START_SECONDS)
        assert process.poll() is None, (folder / "up.log").read_text()
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def wait_until(happened: Callable[[], object], seconds: float = 10) -> None:
    """Ask again and again until it has happened; fail when it has not by then."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{happened} did not happen in {seconds} s"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

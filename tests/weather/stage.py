"""A server, a worker and a reconciler of an installation, and one person who listens there."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import websockets.sync.client as websocket
from websockets.exceptions import ConnectionClosed

from realtime import tokens
from tests.installation import Installation, eventually

#: How long anything may take here; what is promised is shorter, but machines differ.
PATIENCE = 30
#: How often positions are compared in bad weather, and how often lost jobs are looked for.
PERIOD = 1.0
ALICE = 1


class Ear:
    """An open socket of Alice's that notes what it hears until it is closed."""

    def __init__(self, port: int, **since: Any) -> None:
        url = f"ws://127.0.0.1:{port}/connection/websocket"
        self._open = ExitStack()
        self._socket = self._open.enter_context(
            websocket.connect(url, proxy=None, ping_interval=None)
        )
        self.events: list[tuple[int, str, str]] = []
        self.closed = ""
        #: What came through the line, frame headers left out.
        self.bytes_heard = 0
        self._socket.send(json.dumps({"id": 1, "connect": {"token": tokens.make(ALICE), **since}}))
        self.connected: dict[str, Any] = self._next()[0]["connect"]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def heard(self, job: str, type_: str) -> bool:
        """Tell whether this event of a job has arrived."""
        return any((told, of) == (type_, job) for _, told, of in self.events)

    def hears(self, job: str, type_: str = "job.succeeded") -> None:
        """Wait until this event of a job has arrived."""
        eventually(lambda: self.heard(job, type_), PATIENCE)

    def types(self, job: str) -> list[str]:
        """Give what was heard of a job, in order."""
        return [type_ for _, type_, of in self.events if of == job]

    @property
    def offsets(self) -> list[int]:
        return [offset for offset, _, _ in self.events]

    def leave(self) -> None:
        """Go away."""
        self._open.close()
        self._thread.join()

    def _listen(self) -> None:
        try:
            while True:
                for frame in self._next():
                    self._take(frame)
        except ConnectionClosed as closed:
            self.closed = str(closed)

    def _next(self) -> list[dict[str, Any]]:
        text = str(self._socket.recv())
        self.bytes_heard += len(text.encode())
        return [json.loads(line) for line in text.split("\n")]

    def _take(self, frame: dict[str, Any]) -> None:
        if not frame:
            self._socket.send("{}")
        publication = frame.get("push", {}).get("pub", {})
        if offset := publication.get("offset"):
            data = publication["data"]
            self.events.append((offset, data["type"], data.get("job", {}).get("id", "")))


class Platform:
    """The processes, which are started together and must all live to the end."""

    def __init__(self, site: Installation) -> None:
        site.env["WORKSITE_LIMITS"] = json.dumps({"position_check_seconds": PERIOD})
        self.site = site
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        admin = str(site.folder / "run" / "web1.sock")
        serve = ("--bind", f"127.0.0.1:{self.port}", "--admin", admin, "--name", "web1")
        self.processes = {
            "server": site.start_module("django", "serve", *serve),
            "reconciler": site.start_module("django", "reconcile", "--every", str(PERIOD)),
            "worker": site.start_module(
                *("celery", "-A", "project", "worker", "-Q", "default", "-c", "2"),
                *("-l", "WARNING", "--without-gossip", "--without-mingle"),
            ),
        }
        eventually(self._serves, PATIENCE)

    def get(self, path: str) -> tuple[int, Any]:
        """Ask for a page as Alice."""
        return self._ask("GET", path)

    def submit(self, kind: str, **arguments: Any) -> tuple[int, Any, float]:
        """Submit a job as Alice; give the status, the answer, and how many seconds it took."""
        body = json.dumps({"kind": kind, "arguments": arguments})
        began = time.monotonic()
        status, answer = self._ask("POST", "/api/jobs", body)
        return status, answer, time.monotonic() - began

    def start(self, kind: str, **arguments: Any) -> str:
        """Submit a job that must be accepted, and give its id."""
        status, answer, _ = self.submit(kind, **arguments)
        assert status == 201, answer
        return str(answer["id"])

    @contextmanager
    def listening(self, **since: Any) -> Iterator[Ear]:
        """Open a socket of Alice's that must stay open all the while."""
        ear = Ear(self.port, **since)
        try:
            yield ear
            assert ear.closed == ""
        finally:
            ear.leave()

    def start_waiting(self, ear: Ear, path: Path) -> str:
        """Start a job that runs until a file appears there; return once it runs."""
        job = self.start("wait_for", path=str(path))
        ear.hears(job, "job.started")
        return job

    def must_live(self) -> None:
        """Fail if a process has ended since the start."""
        ended = {name for name, process in self.processes.items() if process.poll() is not None}
        assert not ended, self.site.log()

    def _serves(self) -> bool:
        self.must_live()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {tokens.make(ALICE)}",
            "Content-Type": "application/json",
        }
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as http:
            http.request(method, path, body, headers)
            answer = http.getresponse()
            return answer.status, json.loads(answer.read() or b"null")

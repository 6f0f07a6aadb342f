"""A tiny HTTP server that stands where a web process would, and keeps what it was asked."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Asked:
    """One request as it arrived; the names of ``headers`` are lower case."""

    path: str
    headers: list[tuple[str, str]]
    body_bytes: int = 0  # what has been read of it

    def values(self, name: str) -> list[str]:
        """Give every value of a header."""
        return [value for key, value in self.headers if key == name.lower()]


class Recorder:
    """Answers 200 to everything; ``/stream`` in two parts, the second after ``go_on.set()``."""

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.go_on = threading.Event()
        recorder = self

        class Handler(_Handler):
            owner = recorder

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.seen]

    def stop(self) -> None:
        """Stop it; streams that still wait are let go."""
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Recorder

    def do_GET(self) -> None:
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        asked = Asked(self.path, headers)
        self.owner.seen.append(asked)  # before the body, which may be slow
        asked.body_bytes = len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.send_response(200)
        if self.path == "/stream":
            self._stream()
        else:
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"ok\n")

    do_POST = do_PUT = do_GET  # noqa: N815 (the base class's names)

    def _stream(self) -> None:
        self.send_header("X-Accel-Buffering", "no")
        self.end_headers()
        self.wfile.write(b"first")
        self.owner.go_on.wait(10)
        self.wfile.write(b"second")

    def log_message(self, *_: Any) -> None:
        """Write nothing: the tests read ``seen``."""

"""A mail server that takes its time: enough of SMTP (RFC 5321) for Django to hand letters over."""

from __future__ import annotations

import random
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class _Clerk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        chance = random.Random(7)
        self._say(b"220 post.example.org")
        while words := self.rfile.readline():
            match words[:4].upper():
                case b"DATA":
                    self._say(b"354 go on")
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
                    time.sleep(chance.lognormvariate(-4.2, 0.7))  # 15 ms, give or take
                    self._say(b"250 taken")
                case b"QUIT":
                    return self._say(b"221 bye")
                case _:
                    self._say(b"250 yes")
        return None

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def open_for_letters() -> Iterator[int]:
    """Take letters on a port of this machine, which is given."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clerk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()

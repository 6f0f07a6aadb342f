"""A real web process, and clients of it that read slowly or never."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from tests.installation import Installation, eventually

#: Those who never read, and how many of them are streams.
CROWD, STREAMS = 50, 10
_SESSIONS = """
import sys
from django.contrib.auth.models import User
from tests.sessions import begin
for number in range(int(sys.argv[1])):
    print(begin(User.objects.create(username=f"user-{number}")))
"""

_STREAM = (
    "GET /api/events?topics=site:all HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
    "Cookie: sessionid={}\r\nAccept: text/event-stream\r\n\r\n"
)
_HANDSHAKE = (
    "GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nCookie: sessionid={}\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class Web:
    """A running web process."""

    def __init__(self, site: Installation, port: int, pid: int, sessions: list[str]) -> None:
        self.site, self.pid, self.sessions = site, pid, sessions
        self.port = port
        self.url = f"ws://127.0.0.1:{port}/connection/websocket"

    def peak(self) -> int:
        """Give the most memory that it has had since the last call, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024

    def measured(self, metric: str) -> int:
        """Read one of the process's metrics."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self.site.folder / "web1.sock"))
            peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
        found = re.search(rf"^{re.escape(metric)} (\S+)", text, re.MULTILINE)
        return int(float(found[1])) if found else 0

    async def listener(self, number: int, **options) -> ClientConnection:
        """Open a socket that hears ``site:all``."""
        cookie = {"Cookie": f"sessionid={self.sessions[number]}"}
        tab = await connect(self.url, additional_headers=cookie, ping_interval=None, **options)
        await tab.send('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"site:all"}}')
        heard = ""
        while '"subscribe"' not in heard:
            heard += await tab.recv()
        return tab


def serve(site: Installation) -> Web:
    """Start the web process, and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sessions = site.run(_SESSIONS, CROWD + 2).split()
    site.env["WORKSITE_LIMITS"] = '{"slow_seconds": 4}'
    bind, admin = ("--bind", f"127.0.0.1:{port}"), ("--admin", str(site.folder / "web1.sock"))
    process = site.start_module("django", "serve", *bind, *admin, "--name", "web1")

    def answers() -> bool:
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", port)) == 0

    eventually(answers, 60)
    return Web(site, port, process.pid, sessions)


def publications(message: str) -> Iterator[dict]:
    for line in message.split("\n"):
        if publication := json.loads(line).get("push", {}).get("pub"):
            yield publication


class Heard:
    """What a client was pushed: events' offsets, updates' numbers, and how late they were."""

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.numbers: list[int] = []
        self.delays: list[float] = []

    @property
    def p99(self) -> float:
        return sorted(self.delays)[int(len(self.delays) * 0.99)]


async def hear(tab: ClientConnection, until: int, pause: float = 0) -> Heard:
    """Read up to an offset, and the update that was sent with it."""
    heard = Heard()
    while heard.offsets[-1:] != [until] or heard.numbers[-1:] != [until]:
        message = str(await asyncio.wait_for(tab.recv(), 60))
        if message == "{}":
            await tab.send("{}")
            continue
        for publication in publications(message):
            heard.delays.append(time.monotonic() - publication["data"]["t"])
            if "offset" in publication:
                heard.offsets.append(publication["offset"])
            else:
                heard.numbers.append(publication["data"]["n"])
        await asyncio.sleep(pause)
    return heard


async def connected(web: Web, size: int = 4096) -> socket.socket:
    """Open a connection whose kernel takes little that is not read."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    peer.setblocking(False)
    await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", web.port))
    return peer


async def mute(web: Web, number: int) -> socket.socket:
    """Open a socket that hears ``site:all``, and reads nothing any more."""
    loop, peer = asyncio.get_running_loop(), await connected(web)
    await loop.sock_sendall(peer, _HANDSHAKE.format(web.port, web.sessions[number]).encode())
    for command in (b'{"id":1,"connect":{}}', b'{"id":2,"subscribe":{"channel":"site:all"}}'):
        await loop.sock_sendall(peer, _masked(0x81, command))
    heard = b""
    while b'"subscribe"' not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 4096), 20)
    return peer


async def mute_stream(web: Web, number: int, size: int = 4096) -> socket.socket:
    """Open a stream that hears ``site:all``, and read no further than its beginning."""
    loop, peer = asyncio.get_running_loop(), await connected(web, size)
    await loop.sock_sendall(peer, _STREAM.format(web.port, web.sessions[number]).encode())
    heard = b""
    while b"\nid: " not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 4096), 20)
    return peer


def _masked(kind: int, payload: bytes) -> bytes:
    return bytes([kind, 0x80 | len(payload), 0, 0, 0, 0]) + payload


PING = _masked(0x89, b"")
COMMAND = _masked(0x81, b'{"id":9,"unsubscribe":{"channel":"user:1"}}')


async def talk(peer: socket.socket, words: bytes) -> bool:
    """Keep saying this until the server has had enough; tell whether it had."""
    deadline = time.monotonic() + 60
    with peer:
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                try:
                    peer.send(words)
                except ConnectionError:
                    return True
            await asyncio.sleep(0.2)
    return False

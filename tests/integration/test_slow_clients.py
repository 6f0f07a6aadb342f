"""Clients that read slowly or never, at a real server process with the real consumer."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.installation import Installation, eventually

CROWD = 50
_SESSIONS = """
import sys
from django.contrib.auth.models import User
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
for number in range(int(sys.argv[1])):
    user = User.objects.create(username=f"user-{number}")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    print(store.session_key)
"""
_PUBLISH = """
import sys, time
from django.db import transaction
from realtime.publish import publish, update
from realtime.topics import SITE
count, rate, size = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
begin = time.monotonic()
for n in range(count):
    time.sleep(max(0, begin + n / rate - time.monotonic()))
    update(SITE, "job.progressed", key="job", attempt=1, n=n + 1, t=time.monotonic())
    with transaction.atomic():
        publish(SITE, "greeting", n=n + 1, t=time.monotonic(), filler="x" * size)
"""


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

    def rss(self) -> int:
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def listener(self, number: int, **options) -> ClientConnection:
        """Open a socket that hears ``site:all``."""
        cookie = {"Cookie": f"sessionid={self.sessions[number]}"}
        tab = await connect(self.url, additional_headers=cookie, ping_interval=None, **options)
        await tab.send('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"site:all"}}')
        heard = ""
        while '"subscribe"' not in heard:
            heard += await tab.recv()
        return tab


@pytest.fixture
def web(on_sqlite: Installation) -> Web:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sessions = on_sqlite.run(_SESSIONS, CROWD + 2).split()
    on_sqlite.env["WORKSITE_LIMITS"] = '{"slow_seconds": 4}'
    bind, admin = ("--bind", f"127.0.0.1:{port}"), ("--admin", str(on_sqlite.folder / "web1.sock"))
    process = on_sqlite.start_module("django", "serve", *bind, *admin, "--name", "web1")

    def answers() -> bool:
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", port)) == 0

    eventually(answers, 60)
    return Web(on_sqlite, port, process.pid, sessions)


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
    """Read up to an offset."""
    heard = Heard()
    while not heard.offsets or heard.offsets[-1] < until:
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


async def test_a_crowd_that_never_reads_costs_little_and_delays_nobody(web):
    count = 1000
    healthy = await web.listener(CROWD)
    crowd = [await _mute(web, number) for number in range(CROWD)]
    before = web.rss()

    talking = [asyncio.create_task(_talk(peer)) for peer in crowd]
    publishing = web.site.start(_PUBLISH, count, 100, 3000)
    heard = await hear(healthy, until=count)
    grown = web.rss() - before
    await asyncio.to_thread(publishing.wait)
    ends = await asyncio.gather(*talking)

    print(f"memory +{grown / 1e6:.1f} MB, p99 {heard.p99 * 1000:.0f} ms")
    assert heard.offsets == list(range(1, count + 1))
    assert grown < 20_000_000
    assert heard.p99 < 0.5
    await healthy.close()
    assert all(ends), "a socket that never reads is closed"


async def test_a_slow_reader_catches_up_with_everything_once_and_in_order(web):
    count = 250
    tab = await web.listener(0, max_queue=1)
    await asyncio.to_thread(web.site.run, _PUBLISH, count, 100_000, 7000)

    heard = await hear(tab, until=count, pause=0.001)

    assert heard.offsets == list(range(1, count + 1))
    assert heard.numbers == sorted(set(heard.numbers))
    assert heard.numbers[-1] == count
    await tab.close()


async def _mute(web: Web, number: int) -> socket.socket:
    """Open a socket that hears ``site:all``, and reads nothing any more."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(peer, ("127.0.0.1", web.port))
    await loop.sock_sendall(peer, _HANDSHAKE.format(web.port, web.sessions[number]).encode())
    for command in (b'{"id":1,"connect":{}}', b'{"id":2,"subscribe":{"channel":"site:all"}}'):
        await loop.sock_sendall(peer, bytes([0x81, 0x80 | len(command), 0, 0, 0, 0]) + command)
    heard = b""
    while b'"subscribe"' not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 4096), 20)
    return peer


async def _talk(peer: socket.socket) -> bool:
    """Keep sending pings until the server has had enough; tell whether it had."""
    deadline = time.monotonic() + 60
    with peer:
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                try:
                    peer.send(b"\x89\x80\x00\x00\x00\x00")
                except ConnectionError:
                    return True
            await asyncio.sleep(0.2)
    return False

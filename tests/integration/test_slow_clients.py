"""Clients that read slowly or never, at a real server process with the real consumer."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.installation import Installation, eventually

#: Those who never read, and how many of them are streams.
CROWD, STREAMS = 50, 10
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


async def test_a_crowd_that_never_reads_costs_little_and_delays_nobody(web):
    count = 1000
    healthy = await web.listener(CROWD)
    crowd = [await _mute(web, number) for number in range(CROWD - STREAMS)]
    streams = [await _mute_stream(web, number) for number in range(CROWD - STREAMS, CROWD)]
    web.peak()
    before = web.peak()

    talking = [
        asyncio.create_task(_talk(peer, _PING if number % 2 else _COMMAND))
        for number, peer in enumerate(crowd)
    ]
    talking += [asyncio.create_task(_talk(peer, b"\r\n")) for peer in streams]
    publishing = web.site.start(_PUBLISH, count, 100, 3000)
    heard = await hear(healthy, until=count)
    await asyncio.to_thread(publishing.wait)
    ends = await asyncio.gather(*talking)
    grown = web.peak() - before

    print(f"memory +{grown / 1e6:.1f} MB, p99 {heard.p99 * 1000:.0f} ms")
    assert heard.offsets == list(range(1, count + 1))
    assert grown < 20_000_000
    assert heard.p99 < 0.5
    await healthy.close()
    assert all(ends), "a socket that never reads is closed"
    assert web.measured('bellwire_socket_closes_total{code="3008"}') == CROWD - STREAMS
    ended = 'bellwire_stream_closes_total{reason="3008",way="sse"}'
    assert web.measured(ended) == STREAMS


async def test_a_slow_reader_catches_up_with_everything_once_and_in_order(web):
    count = 150
    tab = await web.listener(0, max_queue=1, sock=await _connected(web, 32768))
    await asyncio.to_thread(web.site.run, _PUBLISH, count, 100_000, 3000)

    heard = await hear(tab, until=count, pause=0.001)

    assert heard.offsets == list(range(1, count + 1))
    assert heard.numbers == sorted(set(heard.numbers))
    assert heard.numbers[-1] == count
    assert len(heard.numbers) < count, "of the others only the newest"
    assert web.measured("bellwire_catch_ups_total") > 1
    await tab.close()


async def test_a_slow_stream_catches_up_with_everything_once_and_in_order(web):
    count = 150
    loop, peer = asyncio.get_running_loop(), await _mute_stream(web, 0, 32768)
    await asyncio.to_thread(web.site.run, _PUBLISH, count, 100_000, 3000)

    heard = b""
    while b":%d\ndata" % count not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 32768), 20)
        await asyncio.sleep(0.001)

    offsets = re.findall(rb"^event: site:all\nid: \w+:0,\w+:(\d+)$", heard, re.MULTILINE)
    assert [int(offset) for offset in offsets] == list(range(1, count + 1))
    assert web.measured("bellwire_catch_ups_total") > 1
    peer.close()


async def _connected(web: Web, size: int = 4096) -> socket.socket:
    """Open a connection whose kernel takes little that is not read."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    peer.setblocking(False)
    await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", web.port))
    return peer


async def _mute(web: Web, number: int) -> socket.socket:
    """Open a socket that hears ``site:all``, and reads nothing any more."""
    loop, peer = asyncio.get_running_loop(), await _connected(web)
    await loop.sock_sendall(peer, _HANDSHAKE.format(web.port, web.sessions[number]).encode())
    for command in (b'{"id":1,"connect":{}}', b'{"id":2,"subscribe":{"channel":"site:all"}}'):
        await loop.sock_sendall(peer, _masked(0x81, command))
    heard = b""
    while b'"subscribe"' not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 4096), 20)
    return peer


async def _mute_stream(web: Web, number: int, size: int = 4096) -> socket.socket:
    """Open a stream that hears ``site:all``, and read no further than its beginning."""
    loop, peer = asyncio.get_running_loop(), await _connected(web, size)
    await loop.sock_sendall(peer, _STREAM.format(web.port, web.sessions[number]).encode())
    heard = b""
    while b"\nid: " not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 4096), 20)
    return peer


def _masked(kind: int, payload: bytes) -> bytes:
    return bytes([kind, 0x80 | len(payload), 0, 0, 0, 0]) + payload


_PING = _masked(0x89, b"")
_COMMAND = _masked(0x81, b'{"id":9,"unsubscribe":{"channel":"user:1"}}')


async def _talk(peer: socket.socket, words: bytes) -> bool:
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

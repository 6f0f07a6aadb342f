"""A real server of an installation, and tabs that are signed in there, for tests."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from http.client import HTTPConnection

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.installation import Installation, eventually

#: A period that does not end within a test; what a test is about it sets itself.
NEVER = 3600
#: How long anything may take here; what is promised is shorter, but machines differ.
PATIENCE = 30

_SESSIONS = """
from django.contrib.auth.models import User
from tests.sessions import begin
for name in ("alice", "alice", "bob"):
    print(begin(User.objects.get(username=name)))
"""


class Tab:
    """A socket that listens until it is closed."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.offsets: list[int] = []
        self.reply: dict = {}
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> tuple[int, str]:
        try:
            while True:
                for line in str(await self._socket.recv()).split("\n"):
                    self._take(json.loads(line))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")

    def _take(self, frame: dict) -> None:
        self.reply |= frame.get("connect", {})
        push = frame.get("push", {})
        if push.get("channel") == "user:1":
            self.offsets.append(push["pub"]["offset"])

    async def say(self, *commands: dict) -> None:
        """Say several commands in one message."""
        await self._socket.send("\n".join(map(json.dumps, commands)))

    async def is_answered(self) -> None:
        """Wait until it is connected, or closed."""
        async with asyncio.timeout(PATIENCE):
            while not self.reply and not self.listening.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def hears(self, offset: int) -> None:
        """Wait until it has heard this offset."""
        async with asyncio.timeout(PATIENCE):
            while not self.offsets or self.offsets[-1] < offset:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def end(self) -> tuple[int, str]:
        """Wait for the close."""
        return await asyncio.wait_for(self.listening, PATIENCE)

    async def leave(self) -> None:
        """Go away."""
        await self._socket.close()
        await self.listening


class Stage:
    """One server of an installation, and sessions: two of alice's, one of bob's."""

    def __init__(self, site: Installation, **limits: float) -> None:
        never = {"position_check_seconds": NEVER, "roll_call_seconds": NEVER}
        site.env["WORKSITE_LIMITS"] = json.dumps(never | limits)
        self.site = site
        self.tabs: list[Tab] = []
        self._peers: list[socket.socket] = []
        self.sessions = site.run(_SESSIONS).split()
        self.port = self.serve("web1")

    def serve(self, name: str) -> int:
        """Start a server and give its port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        bind, admin = ("--bind", f"127.0.0.1:{port}"), ("--admin", str(self.site.folder / name))
        process = self.site.start_module("django", "serve", *bind, *admin, "--name", name)

        def answers() -> bool:
            assert process.poll() is None, self.site.log()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        eventually(answers, 60)
        self.pid = process.pid
        return port

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self, number: int) -> Tab:
        """Open a session's tab, which hears its own topic and the site's."""
        tab = await self.knock(f"sessionid={self.sessions[number]}")
        await tab.say({"id": 1, "connect": {}}, {"id": 2, "subscribe": {"channel": "site:all"}})
        await tab.is_answered()
        assert tab.reply, tab.listening
        return tab

    async def knock(self, cookie: str = "", query: str = "", port: int = 0) -> Tab:
        """Open a socket, and say nothing yet."""
        url = f"ws://127.0.0.1:{port or self.port}/connection/websocket{query}"
        headers = {"Cookie": cookie} if cookie else {}
        peer = await connect(url, additional_headers=headers, ping_interval=None, proxy=None)
        self.tabs.append(Tab(peer))
        return self.tabs[-1]

    async def leave(self) -> None:
        """Close what is open."""
        for tab in self.tabs:
            await tab.leave()
        for peer in self._peers:
            peer.close()

    def post(self, path: str, number: int) -> bytes:
        """Post an empty form as a session's page does; give the answer's body."""
        csrf = "a" * 32
        headers = {
            "Cookie": f"sessionid={self.sessions[number]}; csrftoken={csrf}",
            "X-CSRFToken": csrf,
            "Origin": self.origin,
        }
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as http:
            http.request("POST", path, headers=headers)
            answer = http.getresponse()
            assert answer.status in (200, 302), answer.read()
            return answer.read()

    def shake_hands(self, *fields: str) -> tuple[socket.socket, int]:
        """Send an upgrade request with these header fields; give the peer and the status."""
        lines = [
            "GET /connection/websocket HTTP/1.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            *fields,
        ]
        peer = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self._peers.append(peer)
        peer.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return peer, int(peer.recv(4096).split()[1])


@pytest.fixture
async def perform() -> AsyncIterator[Callable[..., Stage]]:
    """Set a stage, and clear it at the end."""
    stages: list[Stage] = []

    def set_stage(site: Installation, **limits: float) -> Stage:
        stages.append(Stage(site, **limits))
        return stages[-1]

    yield set_stage
    for stage in stages:
        await stage.leave()

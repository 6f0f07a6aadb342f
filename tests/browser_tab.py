"""A browser tab that speaks the client protocol to the consumer, without a server between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User

from realtime import tokens
from realtime.origins import OriginCheck
from realtime.routing import websocket_urlpatterns
from realtime.topics import Topic
from tests.people import sign_in

APPLICATION = OriginCheck(URLRouter(websocket_urlpatterns))


def log_in(user: User) -> str:
    """Begin a session as a person and return its key."""
    return sign_in(user).cookies["sessionid"].value


class BrowserTab:
    """One socket; ``session`` is the key in its cookie."""

    def __init__(self, session: str = "") -> None:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        if session:
            headers.append((b"cookie", f"theme=dark; sessionid={session}".encode()))
        self._socket = WebsocketCommunicator(APPLICATION, "/connection/websocket", headers)
        self.scope["client"] = ["203.0.113.7", 40000]
        self._ids: Iterator[int] = iter(range(1, 10_000))

    async def open(self) -> BrowserTab:
        """Do the handshake."""
        accepted, subprotocol = await self._socket.connect()
        assert accepted
        assert subprotocol is None
        return self

    async def is_turned_away(self) -> bool:
        """Tell whether the handshake is refused."""
        accepted, _ = await self._socket.connect()
        return not accepted

    async def connect(self, **request: Any) -> dict[str, Any]:
        """Open, say the connect command, and give its reply."""
        await self.open()
        return await self.ask("connect", **request)

    async def ask(self, command: str, **request: Any) -> dict[str, Any]:
        """Say one command and give its reply, or the error in it."""
        number = next(self._ids)
        await self.say({"id": number, command: request})
        reply = await self.hear()
        assert reply.pop("id") == number
        return reply.get(command, reply)

    async def say(self, *commands: dict[str, Any]) -> None:
        """Say several commands in one message."""
        await self.send("\n".join(map(json.dumps, commands)))

    async def send(self, text: str) -> None:
        """Send a message as it is."""
        await self._socket.send_input({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self._socket.send_to(bytes_data=data)

    async def hear(self) -> dict[str, Any]:
        """Wait for the next frame."""
        message = await self._socket.receive_output(5)
        assert message["type"] == "websocket.send", message
        frame: dict[str, Any] = json.loads(message["text"])
        return frame

    async def event(self) -> dict[str, Any]:
        """Wait for the next frame, which is a publication, and give it."""
        publication: dict[str, Any] = (await self.hear())["push"]["pub"]
        return publication

    async def end(self) -> tuple[int, str]:
        """Wait for the close that follows at once, and give its code and reason."""
        message = await self._socket.receive_output(5)
        assert message["type"] == "websocket.close", message
        return message["code"], message["reason"]

    async def is_quiet(self) -> bool:
        """Tell whether nothing more was said."""
        return bool(await self._socket.receive_nothing(0.1))

    async def close(self) -> None:
        """Go away."""
        await self._socket.disconnect()

    def cancel(self) -> None:
        """Be cut off by the server."""
        self._socket.stop(exceptions=False)

    @property
    def scope(self) -> dict[str, Any]:
        """What the server says of the handshake."""
        scope: dict[str, Any] = self._socket.scope
        return scope


async def open_tab(session: str = "", token: str = "") -> BrowserTab:
    """Open a socket that is connected."""
    tab = BrowserTab(session)
    await tab.connect(token=token)
    return tab


@pytest.fixture
def topic(alice):
    return Topic.of_user(alice.pk)


@pytest.fixture
def session(alice):
    return log_in(alice)


@pytest.fixture
def token(alice):
    return tokens.make(alice.pk)

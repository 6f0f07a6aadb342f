"""A program's own WebSocket client: one topic followed over as many sockets as it takes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.exception import Disconnected

from realtime.errors import RealtimeError
from realtime.following import (
    Anew,
    Event,
    Following,
    HangUp,
    Say,
    Update,
    backoff,
    may_come_back,
)

PATH = "/connection/websocket"
_OPEN_SECONDS = 10
#: More than the largest answer: 512 KiB of events and what is around them.
_MAX_BYTES = 4 * 1024 * 1024
Heard = Event | Update | Anew


class Refused(RealtimeError):
    """The server will not have this client."""


class _Closed(Exception):
    """The socket is closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{reason} ({code})" if reason else str(code))
        self.code = code


class _Line(WebSocketClientProtocol):  # type: ignore[misc]  # Autobahn is not typed
    """One socket, and the texts that came through it."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: deque[str] = deque()
        self._is_open = False
        self._end: _Closed | None = None
        self._changed = asyncio.Event()

    def onOpen(self) -> None:  # noqa: N802 (Autobahn's)
        self._is_open = True
        self._changed.set()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 (Autobahn's)
        self._texts.append(payload.decode("utf-8", "replace"))
        self._changed.set()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        self._end = _Closed(code or 1006, reason or "")
        self._changed.set()

    async def read(self, seconds: float) -> str:
        """Give the next text; _Closed when there is none to come, TimeoutError in time."""
        async with asyncio.timeout(seconds):
            while not self._texts:
                await self._change()
        return self._texts.popleft()

    async def open(self) -> None:
        """Wait for the end of the handshake; _Closed if it failed."""
        while not self._is_open:
            await self._change()

    async def _change(self) -> None:
        if self._end is not None:
            raise self._end
        self._changed.clear()
        await self._changed.wait()

    def say(self, text: str) -> None:
        """Send a text; on a socket that is closing nothing is sent, and ``read`` tells why."""
        with suppress(Disconnected):
            self.sendMessage(text.encode())

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class Follower:
    """Follows ``topic`` at the platform at ``url`` (http or https, without a path).

    ``make_token`` is asked for a token before each connection; ``note`` is told in a sentence
    when the connection is lost and when it is back.
    """

    def __init__(
        self, url: str, topic: str, make_token: Callable[[], str], note: Callable[[str], None]
    ) -> None:
        self._url = _socket_address(url)
        self._make_token, self._note = make_token, note
        self._following = Following(topic)
        self._line: _Line | None = None
        self._attempt = 0

    def follow(self) -> Iterator[Heard]:
        """Give what is heard, for ever; Refused if there is no use in trying again.

        Between two of them nothing runs here: the caller may take its time and use Django.
        """
        with asyncio.Runner() as runner:
            try:
                while True:
                    yield from runner.run(self._next())
            finally:
                if self._line is not None:
                    runner.run(self._hang_up())

    async def _next(self) -> list[Heard]:
        heard: list[Heard] = []
        while not heard:
            try:
                line = self._line or await self._dial()
                heard = self._take(line, await line.read(self._following.silence_seconds))
            except (_Closed, OSError, TimeoutError) as error:
                await self._come_back(error)
        return heard

    async def _dial(self) -> _Line:
        factory = WebSocketClientFactory(self._url)
        factory.protocol = _Line
        factory.setProtocolOptions(
            openHandshakeTimeout=_OPEN_SECONDS, maxMessagePayloadSize=_MAX_BYTES
        )
        async with asyncio.timeout(_OPEN_SECONDS):
            _, line = await asyncio.get_running_loop().create_connection(
                factory, factory.host, factory.port, ssl=factory.isSecure or None
            )
            self._line = opened = cast("_Line", line)
            await opened.open()
        opened.say(self._following.begin(self._make_token()))
        return opened

    def _take(self, line: _Line, text: str) -> list[Heard]:
        heard: list[Heard] = []
        was_connected = self._following.is_connected
        for effect in self._following.hear(text):
            match effect:
                case Say(said):
                    line.say(said)
                case HangUp(reason, is_final):
                    if is_final:
                        raise Refused(reason)
                    # What was heard before it counts; the next read finds the line closed.
                    line.hang_up()
                    break
                case _:
                    heard.append(effect)
        if self._following.is_connected and not was_connected:
            self._note("Connected again." if self._attempt else "Connected.")
            self._attempt = 0
        return heard

    async def _come_back(self, error: Exception) -> None:
        await self._hang_up()
        if isinstance(error, _Closed) and not may_come_back(error.code):
            raise Refused(str(error)) from None
        seconds = backoff(self._attempt)
        self._attempt += 1
        reason = str(error) or "no answer"
        self._note(f"No connection to {self._url}: {reason}; trying again in {seconds:.1f} s.")
        await asyncio.sleep(seconds)

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()
            with suppress(_Closed, TimeoutError):
                while True:
                    await line.read(1)


def _socket_address(url: str) -> str:
    """Turn ``https://host:port`` into the address of its socket; ValueError for anything else."""
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    try:
        parts = urlsplit(url)
        scheme, host, port = schemes[parts.scheme], parts.hostname, parts.port
    except (KeyError, ValueError):
        host = None
    if not host or parts.path not in ("", "/", PATH):
        raise ValueError(f"{url!a} is no address like http://127.0.0.1:8000.")
    where = f"[{host}]" if ":" in host else host
    return f"{scheme}://{where}{f':{port}' if port else ''}{PATH}"

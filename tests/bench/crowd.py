"""A thousand browsers in one process: WebSockets that count what they hear."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

import picows

from tests.bench.payload import BROWSER_HEADERS
from tests.bench.rounds import Round


class Crowd:
    """The sockets of one side, and the round that they are in, if any.

    ``marker`` is the JSON key of a message's number within its topic.
    """

    def __init__(self, url: str, origin: str, marker: str, cookies: list[str]) -> None:
        self.url, self.origin, self.cookies = url, origin, cookies
        self.numbers_in = re.compile(rb'"%b": ?(\d+)' % marker.encode()).findall
        self.sockets: list[Socket] = []
        self.round: Round | None = None
        self.closed = 0

    async def open(self, count: int, hello: str | None, at_once: int = 32) -> float:
        """Open more sockets, so many at once; return the seconds until the last is welcome."""
        began = time.monotonic()
        known = len(self.sockets)
        new = [Socket(self, known + index) for index in range(count)]
        self.sockets += new
        waiting = iter(new)
        await asyncio.gather(*(self._open(waiting, hello) for _ in range(at_once)))
        return time.monotonic() - began

    async def say(self, text: str) -> None:
        """Send one frame on every socket and wait for an answer on each, a few at a time."""
        for start in range(0, len(self.sockets), 50):
            some = self.sockets[start : start + 50]
            await asyncio.wait_for(asyncio.gather(*(socket.ask(text) for socket in some)), 20)

    def close(self) -> None:
        """Leave without a word, as browsers do."""
        for socket in self.sockets:
            socket.transport.disconnect(graceful=False)
        self.sockets = []

    async def _open(self, waiting: Iterator[Socket], hello: str | None) -> None:
        for socket in waiting:
            await picows.ws_connect(
                lambda socket=socket: socket,
                self.url.format(index=socket.index),
                extra_headers={
                    **BROWSER_HEADERS,
                    "Origin": self.origin,
                    "Cookie": f"sessionid={self.cookies[socket.index]}",
                },
                websocket_handshake_timeout=30,
                enable_auto_pong=True,
            )
            if hello:
                await asyncio.wait_for(socket.ask(hello), 30)


class Socket(picows.WSListener):
    """One browser's socket; ``last`` is the number of the newest message it heard."""

    def __init__(self, crowd: Crowd, index: int) -> None:
        self.crowd, self.index = crowd, index
        self.last = 0
        self._answer: asyncio.Future[bytes] | None = None

    def ask(self, text: str) -> asyncio.Future[bytes]:
        """Send a frame and await the next that is not a ping."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.send(picows.WSMsgType.TEXT, text.encode())
        return self._answer

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Keep the way to write."""
        self.transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Count what was heard; answer a ping; take an answer."""
        if frame.msg_type != picows.WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload == b"{}":
            transport.send(picows.WSMsgType.TEXT, b"{}")
        elif self._answer is not None:
            self._answer.set_result(payload)
            self._answer = None
        elif (current := self.crowd.round) is not None:
            for number in self.crowd.numbers_in(payload):
                current.heard(self, int(number))

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """Count the sockets that the server, or the crowd, closed."""
        self.crowd.closed += 1

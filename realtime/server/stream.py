"""A response that is written while things happen, to a peer that may read it slowly."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

from twisted.web.http import toChunk

from realtime.server.output import CLOSED, CLOSING, OPEN, Output

#: Called with a code and a reason when a response is to end.
End = Callable[[int, str], None]


class Stream(Output):
    """The body of one request's response, in pieces; bounded exactly as a WebSocket is."""

    _listens = False

    def __init__(self, request: Any, end: End) -> None:
        self.server, self.transport = request.server, request.transport
        self._request, self._end = request, end

    def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Say the response's head; it goes out with the first of the body."""
        start = {"type": "http.response.start", "status": status, "headers": headers}
        self._request.handle_reply(start)

    def write(self, piece: bytes) -> bool:
        """Write some of the body; False asks for no more until the peer has read."""
        if self.state == OPEN:
            # A chunk of no bytes would be the end of the body (RFC 9112, 7.1).
            return not piece or self.write_frame(self._wrapped(piece))
        if self.state not in (CLOSING, CLOSED):
            self._begin(piece)
        return True

    def finish(self, piece: bytes = b"") -> None:
        """Write the end of the body, after which the peer is given a little time to read it."""
        if self.state == OPEN:
            self.server.loop.call_later(
                self.server.limits.close_seconds, self.transport.abortConnection
            )
        self.let_go()
        self.state = CLOSING
        self._request.handle_reply({"type": "http.response.body", "body": piece})

    def end(self, code: int, reason: str = "") -> None:
        """Have the application end its response, for this reason."""
        self._end(code, reason)

    def let_go(self) -> None:
        """Call nobody any more: the application has ended, or the peer is gone."""
        super().let_go()
        self._listen_no_more()
        if self._request.is_gone:
            self.state = CLOSED

    def _begin(self, piece: bytes) -> None:
        # Whoever comes back comes to a process that stays: a connection is for one stream.
        self._request.end_connection_after()
        self.state = OPEN
        self.hold_little()
        self._give_up_the_dead()
        self._request.handle_reply({"type": "http.response.body", "body": piece, "more_body": True})

    def _wrapped(self, piece: bytes) -> bytes:
        return b"".join(toChunk(piece)) if self._request.chunked else piece

    def _give_up_the_dead(self) -> None:
        """Let the kernel end a connection whose peer confirms nothing, not even heartbeats."""
        peer = self.transport.socket
        if peer.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
            # Twice: a peer that is there and reads nothing is to be told that it is slow.
            milliseconds = int(2 * self.server.limits.slow_seconds * 1000)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    # The channel is its transport's producer, and passes on what it is told ------------------

    def _begin_to_listen(self) -> None:
        if not self._listens and not self._request.is_gone:
            self._listens = True
            self._request.registerProducer(self, True)
            self.transport.producerPaused = True  # so that Twisted calls resumeProducing

    def _listen_no_more(self) -> None:
        if self._listens:
            self._listens = False
            if not self._request.is_gone:
                self._request.unregisterProducer()

"""One HTTP/1.1 connection: requests are refused by their size before the body is read."""
# ruff: noqa: N802, N815 (the names are Twisted's)

from __future__ import annotations

import logging
from typing import Any

from daphne.http_protocol import HTTPFactory
from twisted.web import http

from realtime import metrics
from realtime.server.exchange import Application
from realtime.server.handshake import Refusal
from realtime.server.request import Request, unsent
from realtime.server.socket import Socket

logger = logging.getLogger(__name__)

#: Reading on after a refusal lets the peer see it: a reset would take it away again.
_LINGER_SECONDS = 10


class Channel(http.HTTPChannel):  # type: ignore[misc]  # Twisted's types are not followed
    """Reads requests one after the other, until one of them becomes a WebSocket."""

    transport: Any
    requestFactory = Request
    _socket: Socket | None = None
    _is_refused = False

    @property
    def is_busy(self) -> bool:
        """Tell whether a request is under way here, or a response is not all sent."""
        waits = self.transport is not None and unsent(self.transport) > 0
        return bool(self.requests) or waits

    def connectionMade(self) -> None:
        super().connectionMade()
        if self.factory.has_sockets:  # the private ones serve until the end
            self.factory.server.channels.add(self)

    def connectionLost(self, reason: Any) -> None:
        self.factory.server.channels.discard(self)
        super().connectionLost(reason)

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        if self.factory.server.is_draining:
            request.end_connection_after()
            return False
        return bool(super().checkPersistence(request, version))

    def allHeadersReceived(self) -> None:
        limit = self.factory.body_limit(self._path.partition(b"?")[0])
        if self.length is not None and self.length > limit:
            self.refuse_body(limit)
        else:
            self.requests[-1].body_limit = limit
            super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        if self._socket is not None:
            self._socket.dataReceived(data)
        elif not self._is_refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        if not self._is_refused:
            super().allContentReceived()

    def lineLengthExceeded(self, line: bytes) -> None:
        self.refuse(Refusal(431, "too_large", "The request's head is too long."))

    def refuse_body(self, limit: int) -> None:
        """Answer 413 to a body of more than ``limit`` bytes, before it is read."""
        metrics.bodies_refused.inc()
        self.refuse(Refusal(413, "too_large", f"At most {limit} bytes are accepted here."))

    def refuse(self, refusal: Refusal) -> None:
        """Answer and end the connection; what the peer still sends is thrown away."""
        if not self._is_refused:
            self._is_refused = True
            self.setTimeout(None)
            self.setRawMode()  # no line is looked at any more
            self.transport.write(refusal.response())
            self.transport.loseWriteConnection()
            self._abortingCall = self.callLater(_LINGER_SECONDS, self.forceAbortClient)

    def become(self, socket: Socket) -> None:
        """Give the connection to a WebSocket, and keep nothing of it."""
        self.factory.server.channels.discard(self)
        transport = self.transport
        transport.unregisterProducer()
        self.requests.clear()
        self.transport = None
        self._socket, socket.transport = socket, transport
        transport.protocol = socket
        transport.resumeProducing()

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(Refusal(400, "bad_request", "This is no HTTP request."))


class Site(HTTPFactory):  # type: ignore[misc]  # Daphne has no types
    """What is served at an address: an application, and whether it takes WebSockets."""

    noisy = False

    def __init__(self, server: Any, application: Application, *, has_sockets: bool) -> None:
        super().__init__(server)
        self.application, self.has_sockets = application, has_sockets

    def buildProtocol(self, addr: Any) -> Channel:
        # Twisted's own wraps every channel, so that it may turn into HTTP/2.
        channel = Channel()
        channel.factory = self
        channel.timeOut = self.timeOut
        channel.callLater = self.reactor.callLater
        return channel

    def body_limit(self, path: bytes) -> int:
        """Say how long a body may be that is sent to ``path``."""
        limits = self.server.limits
        for upload_path in limits.upload_paths:
            if path == upload_path.encode() or path.startswith(f"{upload_path}/".encode()):
                return int(limits.max_upload_bytes)
        return int(limits.max_body_bytes)

    def startFactory(self) -> None:
        pass  # Twisted's would keep a clock for its access log

    def stopFactory(self) -> None:
        pass

    def log(self, request: Request) -> None:
        logger.debug(
            "%s %s %s", request.method, request.path, request.code,
            extra={"action": "server.request"},
        )  # fmt: skip

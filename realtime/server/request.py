"""One HTTP exchange: the body in chunks on demand, the response as fast as it is read."""
# ruff: noqa: N802 (the names are Twisted's)

from __future__ import annotations

import asyncio
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from daphne.http_protocol import WebRequest

from realtime import metrics
from realtime.protocol import SHUTDOWN
from realtime.server.exchange import Exchange, Message
from realtime.server.handshake import Refusal, accept_key, offered
from realtime.server.scope import head_of
from realtime.server.socket import Socket
from realtime.server.stream import End, Stream

_CHUNK = 64 * 1024
#: Above this the application's send() waits for the peer to read.
_HIGH_WATER = 256 * 1024


class Request(WebRequest, Exchange):  # type: ignore[misc]  # Daphne has no types
    """A request that Twisted spools and the application reads, or the start of a WebSocket.

    The application gets it as ``scope["extensions"]["bellwire"]["request"]``; for its side is
    ``stream``, beside what ASGI offers.
    """

    application_type = "http"
    body_limit = 0
    _length = 0
    _is_read = False
    _left: Any = None  # an Event, once there is an application to tell
    _drained: asyncio.Event | None = None
    _stream: Stream | None = None

    def __init__(self, channel: Any, queued: Any = False) -> None:
        super().__init__(channel, queued, parsePOSTFormSubmission=False)

    # What Twisted's channel calls ------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:
        is_small = length is not None and length <= _CHUNK
        # Twisted closes it with the exchange.
        self.content = BytesIO() if is_small else TemporaryFile(dir=self.server.spool_dir)  # noqa: SIM115

    def handleContentChunk(self, data: bytes) -> None:
        self._length += len(data)
        if self._length > self.body_limit:
            self.channel.refuse_body(self.body_limit)
        else:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        # Twisted's own would parse the query and a form's body: 100 MB in one go.
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, self.query_string = path.partition(b"?")
        self.content.seek(0)
        self.process()

    def process(self) -> None:
        try:
            scope = head_of(self)
            if "subprotocols" in scope:
                self._upgrade(scope)
            else:
                self._left = asyncio.Event()
                scope["extensions"] = {"bellwire": {"request": self}}
                self.start(self.channel.factory.application, scope)
        except Refusal as refusal:
            self.answer(refusal)

    def finish(self) -> None:
        metrics.requests.labels(f"{self.code // 100}xx").inc()
        super().finish()

    # What the application's side may call ----------------------------------------------------

    def stream(self, end: End) -> Stream:
        """Answer with what is written while things happen.

        ``end`` is called with a code and a reason when the response is to end: the peer reads
        too slowly, or this process leaves.
        """
        self._stream = stream = Stream(self, end)
        if self.server.is_draining:
            self.server.loop.call_soon(self.send_away)
        return stream

    # Exchange --------------------------------------------------------------------------------

    async def receive(self) -> Message:
        if not self.is_gone and not self._is_read:
            if self.content.tell():
                await asyncio.sleep(0)  # a long body at hand must not hold the event loop
            if not self.is_gone:
                return self._next_chunk()
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.is_gone:
            return
        self.server.check_headers_type(message)
        self.handle_reply(message)
        if self._is_read_slowly():
            await self._drain()

    def send_away(self) -> None:
        if self._stream is not None and not self.is_gone:
            self._stream.end(*SHUTDOWN)

    def application_ended(self, error: BaseException | None) -> None:
        if self._response_started:
            self.loseConnection()  # without its end, half a response does not look whole
        else:
            self.answer(Refusal(500, "internal", "Something went wrong."))

    def gone(self) -> None:
        super().gone()
        if self._stream is not None:
            self._stream.let_go()
        for event in (self._left, self._drained):
            if event is not None:
                event.set()

    def answer(self, refusal: Refusal) -> None:
        """Respond without the application."""
        start = {"type": "http.response.start", "status": refusal.status}
        self.handle_reply({**start, "headers": refusal.headers})
        self.handle_reply({"type": "http.response.body", "body": refusal.body})

    def end_connection_after(self) -> None:
        """Let the connection end with this response."""
        if not self.startedWriting:
            self.responseHeaders.setRawHeaders(b"connection", [b"close"])
            self.channel.persistent = False

    # Twisted's push producer: told when the transport's buffer is empty ----------------------

    def resumeProducing(self) -> None:
        if self._drained is not None:
            self._drained.set()

    def pauseProducing(self) -> None:
        pass  # send() looks at the buffer itself

    def stopProducing(self) -> None:
        self.resumeProducing()

    # Our own ---------------------------------------------------------------------------------

    def _upgrade(self, scope: Message) -> None:
        key = accept_key(self.method, self.clientproto, scope["headers"])
        scope["subprotocols"] = offered(scope["headers"])
        socket = Socket(self.server, key, scope["subprotocols"])
        scope["extensions"] = {"bellwire": {"socket": socket}}
        application, channel = self.channel.factory.application, self.channel
        self.server.protocol_connected(socket)
        channel.become(socket)
        self.gone()
        del self.channel, self.transport
        socket.start(application, scope)

    def _next_chunk(self) -> Message:
        chunk = self.content.read(_CHUNK)
        self._is_read = self.content.tell() >= self._length
        return {"type": "http.request", "body": chunk, "more_body": not self._is_read}

    def _is_read_slowly(self) -> bool:
        return not self.is_gone and unsent(self.transport) > _HIGH_WATER

    async def _drain(self) -> None:
        drained = self._drained = asyncio.Event()
        self.registerProducer(self, True)
        try:
            while not drained.is_set():
                await self._progress(drained)
        finally:
            if not self.is_gone:
                self.unregisterProducer()

    async def _progress(self, drained: asyncio.Event) -> None:
        before = unsent(self.transport)
        try:
            async with asyncio.timeout(self.server.limits.stalled_response_seconds):
                await drained.wait()
        except TimeoutError:
            if unsent(self.transport) >= before:
                self.transport.abortConnection()
                drained.set()

    def __repr__(self) -> str:
        return f"<Request {self.method!r} {self.path!r}>"


def unsent(transport: Any) -> int:
    """Count the bytes that wait for the peer to read."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

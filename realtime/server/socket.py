"""A WebSocket of Daphne's that is written to directly, says why it closes, and stays small."""
# ruff: noqa: N802, N803 (the names are Twisted's and autobahn's)

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from realtime import metrics
from realtime.frames import binary_frame, close_frame, pong_frame, text_frame
from realtime.protocol import SHUTDOWN, TOO_MANY_REQUESTS
from realtime.server.exchange import Exchange, Message
from realtime.server.framing import Framing
from realtime.server.handshake import Refusal, agreement
from realtime.server.output import CLOSED, CLOSING, CONNECTING, OPEN, Output

#: Above this the application gets no further message until the peer has read.
_HIGH_WATER = 256 * 1024
_NO_STATUS, _ABNORMAL, _INTERNAL_ERROR = 1005, 1006, 1011
#: Closes that are no verdict on the peer: before the handshake's end they are a 503.
_LATER = {SHUTDOWN[0], TOO_MANY_REQUESTS[0]}


class Socket(Output, Framing, Exchange):
    """One client. The application gets it as ``scope["extensions"]["bellwire"]["socket"]``.

    For the application's side are ``write_frame``, ``buffered``, ``call_when_drained`` and
    ``end``, beside what ASGI offers.
    """

    application_type = "websocket"
    _is_paused = False

    def __init__(self, server: Any, key: bytes, subprotocols: list[str]) -> None:
        # autobahn's own __init__ makes two futures and a registry that nothing here uses.
        self.server = server
        self._answer: tuple[bytes, list[str]] | None = (key, subprotocols)
        self._waiter: asyncio.Future[None] | None = None
        self._inbox: list[Message] = [{"type": "websocket.connect"}]
        self._arm(server.limits.accept_seconds, self._refuse, 503)

    @property
    def is_open(self) -> bool:
        """Tell whether the handshake is over and no close was sent or received."""
        return bool(self.state == OPEN)

    # What the application's side may call ----------------------------------------------------

    def end(self, code: int, reason: str = "") -> None:
        """Close with a code and a reason (cut to 123 bytes), after all that was written."""
        if self.state == CONNECTING:
            self._refuse(503 if code in _LATER else 403)
        elif self.state == OPEN:
            metrics.socket_closes.labels(str(code)).inc()
            self.write_frame(close_frame(code, reason.encode(errors="replace").decode()))
            self.state, self.localCloseCode = CLOSING, code
            self._give_up_later()
            self.server.loop.call_soon(self._resume)  # to see the peer's answer

    def send_away(self) -> None:
        # One that still shakes hands is sent away as soon as it is accepted.
        if self.is_open:
            self.end(*SHUTDOWN)

    async def receive(self) -> Message:
        while not self._inbox or self._is_read_slowly():
            self._waiter = self.server.loop.create_future()
            await self._waiter
        message = self._inbox.pop(0)
        if self._is_paused and len(self._inbox) <= self.server.limits.max_waiting_messages // 2:
            self._resume()
        return message

    async def send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accept(message.get("subprotocol"), message.get("headers") or ())
            case "websocket.send" if self.state == CONNECTING:
                raise ValueError("This socket is not accepted yet.")
            case "websocket.send" if message.get("bytes") is not None:
                self.write_frame(binary_frame(message["bytes"]))
            case "websocket.send":
                self.write_frame(text_frame(message["text"].encode()))
            case "websocket.close":
                self.end(message.get("code") or 1000, message.get("reason") or "")
            case other:
                raise ValueError(f"A WebSocket knows no {other}.")

    def application_ended(self, error: BaseException | None) -> None:
        if self.state == CONNECTING:
            self._refuse(500)
        self.end(_INTERNAL_ERROR, "internal server error")

    # What Twisted calls ----------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        if self.failedByMe or self.state == CLOSED:
            return
        self.data += data
        if self.state == CONNECTING and len(self.data) > self.maxMessagePayloadSize:
            self._refuse(400)
        self.consumeData()

    def connectionLost(self, why: Any = None) -> None:
        if self._answer is None:
            metrics.sockets.dec()
        self.state = CLOSED
        self._disarm()
        code = (self.remoteCloseCode or _NO_STATUS) if self.wasClean else self.localCloseCode
        reason = self.remoteCloseReason or ""
        self._put({"type": "websocket.disconnect", "code": code or _ABNORMAL, "reason": reason})
        self.gone()

    # What autobahn calls, from dataReceived on -----------------------------------------------

    @property
    def maxMessagePayloadSize(self) -> int:
        return int(self.server.limits.max_message_bytes)

    def consumeData(self) -> None:
        while self.state in (OPEN, CLOSING) and not self._is_paused and self.processData():
            pass

    def onMessageEnd(self) -> None:
        parts, self.message_data = self.message_data, None
        if self.state == OPEN:
            self.onMessage(b"".join(parts), self.message_is_binary)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if isBinary:
            self._put({"type": "websocket.receive", "bytes": payload})
            return
        try:
            self._put({"type": "websocket.receive", "text": payload.decode()})
        except UnicodeDecodeError:
            self._fail_connection(1007, "text is UTF-8")

    def onPing(self, payload: bytes) -> None:
        if self.buffered < _HIGH_WATER:  # one that never reads may do without
            self.write_frame(pong_frame(payload))

    def onPong(self, payload: bytes) -> None:
        pass  # nobody here asks

    def sendCloseFrame(
        self, code: int | None = None, reasonUtf8: bytes | None = None, isReply: bool = False
    ) -> None:
        if self.state == OPEN:
            self.write_frame(close_frame(code or 1000, ""))
            self.state = CLOSING

    def dropConnection(self, abort: bool = False) -> None:
        """End the connection once all is written, or a little later without that."""
        self.transport.loseConnection()
        self._give_up_later()

    def _fail_connection(self, code: int = 1002, reason: str = "") -> None:
        # RFC 6455, section 7.1.7: say why, read no further. The half-close makes a client
        # that waits for the end of the connection see it.
        self.failedByMe, self.data = True, b""
        self.end(code, reason)
        self.transport.loseWriteConnection()

    # Our own ---------------------------------------------------------------------------------

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        if self.state != CONNECTING or self._answer is None:
            return
        key, offered = self._answer
        if subprotocol and subprotocol not in offered:
            raise ValueError(f"The client does not offer {subprotocol!r}.")
        self._answer = None
        self._disarm()
        self.state = OPEN
        self.hold_little()
        metrics.sockets.inc()
        metrics.handshakes.labels("accepted").inc()
        self.write_frame(agreement(key, subprotocol, headers))
        if self.server.is_draining:
            self.end(*SHUTDOWN)
        self.consumeData()

    def _refuse(self, status: int) -> None:
        if self.state == CONNECTING:
            metrics.handshakes.labels("refused").inc()
            self.state = CLOSED
            self.transport.write(_REFUSALS[status].response())
            self.dropConnection()

    def _put(self, message: Message) -> None:
        self._inbox.append(message)
        if len(self._inbox) >= self.server.limits.max_waiting_messages:
            self._pause()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _is_read_slowly(self) -> bool:
        # A client that commands and never reads must not fill our memory with replies.
        is_slow = self.state == OPEN and self.buffered > _HIGH_WATER
        if is_slow:
            self.call_when_drained(self._wake)
        return is_slow

    def _pause(self) -> None:
        if not self._is_paused and self.state == OPEN:
            self._is_paused = True
            self.transport.pauseProducing()

    def _resume(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self.consumeData()
            if not self._is_paused:
                self.transport.resumeProducing()

    def _give_up_later(self) -> None:
        self._arm(self.server.limits.close_seconds, self.transport.abortConnection)

    def _arm(self, seconds: float, act: Callable[..., None], *arguments: Any) -> None:
        self._disarm()
        self.closeHandshakeTimeoutCall = self.server.loop.call_later(seconds, act, *arguments)

    def _disarm(self) -> None:
        if self.closeHandshakeTimeoutCall is not None:
            self.closeHandshakeTimeoutCall.cancel()
            self.closeHandshakeTimeoutCall = None

    def __repr__(self) -> str:
        return f"<Socket {id(self):x}>"


_REFUSALS = {
    400: Refusal(400, "early_data", "Wait for the answer to the handshake."),
    403: Refusal(403, "refused", "This WebSocket was refused."),
    500: Refusal(500, "internal", "Something went wrong."),
    503: Refusal(503, "unavailable", "The server cannot answer now; try again."),
}

"""The WebSocket edge: one browser tab. It holds no rules; those are in realtime.connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseAway

from realtime import auth, permissions, protocol
from realtime.bucket import Bucket
from realtime.conf import limits
from realtime.connection import Connection, Phase
from realtime.effects import (
    Ask,
    Authenticate,
    Effect,
    End,
    Join,
    Leave,
    Prove,
    Release,
    Renew,
    Send,
)
from realtime.errors import Disconnect, ProtocolError
from realtime.frames import text_frame
from realtime.guest import Guest, Write
from realtime.pool import ask
from realtime.topics import Topic
from realtime.writer import Outlet, Writer, writer_of

logger = logging.getLogger(__name__)

Message = dict[str, Any]
_PING = text_frame(protocol.PING)


class NotificationConsumer(Guest, AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """A conversation in the client protocol, whose socket the hub writes to."""

    _socket: Writer
    _awaits_pong = False

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Run the conversation; unlike Channels' own, with no layer channel of its own."""
        self.scope, self.base_send = scope, send
        self._socket = writer_of(scope, send)
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            self._leave()
            self._socket.let_go()

    async def dispatch(self, message: Message) -> None:
        """Handle what the server says; unlike Channels' own, without a hop to a thread."""
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                raise StopConsumer

    async def connect(self) -> None:
        """Accept, unless there are too many; who it is comes with the connect command."""
        try:
            self._presence.arrive(self.scope.get("client"))
        except Disconnect as end:
            await self.close(end.code, end.reason)
            raise StopConsumer from None
        now = limits()
        self._connection = Connection(now.ping_seconds, now.max_subscriptions)
        self._bucket = Bucket(now.commands_per_second, now.burst_commands)
        self._credential = auth.credential(self.scope)
        offered = self.scope.get("subprotocols") or ()
        await self.accept("centrifuge-json" if "centrifuge-json" in offered else None)
        # Nobody reads the handshake again, and it outweighs all else kept here.
        self.scope["headers"].clear()
        self.scope.clear()
        asyncio.get_running_loop().call_later(now.stale_seconds, self._end_if_stale)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Act on a message's commands, strictly in order."""
        if self._is_over:
            return  # said before it heard of the close
        try:
            if text_data is None:
                raise Disconnect(*protocol.INAPPROPRIATE_PROTOCOL)
            now = asyncio.get_running_loop().time()
            if not self._bucket.take(1 + text_data.count("\n"), now):
                raise Disconnect(*protocol.TOO_MANY_REQUESTS)
            await self._obey(text_data)
        except Disconnect as end:
            self.end(end.code, end.reason)
        except (DatabaseAway, TimeoutError):
            logger.exception("The database is away", extra={"action": "socket.no_database"})
            self.end(*protocol.SERVER_ERROR)

    # What the heart and the roll call may call ------------------------------------------------

    def ping(self) -> None:
        """Write a ping, and expect a pong; behind much else it would not be read in time."""
        if not self._socket.is_behind:
            self._awaits_pong = True
            self._socket.write_frame(_PING)

    def check_pong(self) -> None:
        """End if the last ping's pong is missing."""
        if self._awaits_pong and not self._socket.is_behind:
            self.end(*protocol.NO_PONG)

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more; the client is told that it may not."""
        for effect in self._connection.forbidden(topic):
            self._do(effect)

    def end(self, code: int, reason: str) -> None:
        """Close, and hear nothing more from now on."""
        self._is_over = True
        self._leave()
        self._socket.end(code, reason)

    def displaced(self, topic: Topic) -> None:
        """Act on a lost place."""
        for effect in self._connection.displaced(topic):
            self._do(effect)

    # Our own ----------------------------------------------------------------------------------

    async def _obey(self, text: str) -> None:
        for command in protocol.parse(text):
            if command.is_pong:
                self._take_pong()
            else:
                await self._perform(self._connection.receive(command))
            if self._is_over or self._connection.phase is Phase.REFUSED:
                break  # the rest of a message goes down with its connect

    async def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if self._is_over:
                return  # it ended while an answer was waited for
            match effect:
                case Authenticate() | Prove() | Renew() | Ask() | Join():
                    await self._perform(await self._answer(effect))
                case _:
                    self._do(effect)

    async def _answer(
        self, question: Authenticate | Prove | Renew | Ask | Join
    ) -> Sequence[Effect]:
        try:
            match question:
                case Authenticate(token):
                    await self._claim(token, self._credential)
                    return self._connection.claimed(self.who)
                case Prove():
                    if not await self._prove():
                        return ()
                    return self._connection.proved(question, self.who.ttl)
                case Renew(token):
                    who = await ask(auth.renew, token)
                    self._presence.prolong(who.ttl)
                    return self._connection.renewed(who)
                case Ask(topic):
                    allowed = await ask(permissions.may_hear, self.who.user_id, topic)
                    return self._connection.answered(topic, allowed)
                case Join(topic, at):
                    page = await self._join(topic, at)
                    return self._connection.joined(topic, at, page)
        except ProtocolError as mistake:
            return self._connection.refused(mistake)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(payload):
                self._socket.write_frame(text_frame(payload))
            case Release(topic) if topic in self._subscriptions:  # not lost while joining
                self._subscriptions[topic].release()
            case Leave(topic):
                self._forget(topic)
            case End(code, reason):
                self.end(code, reason)

    def _place(self, topic: Topic) -> tuple[Write, Outlet]:
        return self._socket.write_frame, self._socket

    def _take_pong(self) -> None:
        if not self._awaits_pong:
            raise Disconnect(*protocol.BAD_REQUEST)
        self._awaits_pong = False

    def _end_if_stale(self) -> None:
        if self._connection.phase in {Phase.NEW, Phase.REFUSED}:
            self.end(*protocol.STALE)

"""The WebSocket edge: one browser tab. It holds no rules; those are in realtime.connection."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseAway

from realtime import auth, heart, hub, permissions, protocol
from realtime.conf import limits
from realtime.connection import Connection, Phase
from realtime.effects import (
    Ask,
    Authenticate,
    Effect,
    End,
    Identity,
    Join,
    Leave,
    Release,
    Renew,
    Send,
)
from realtime.errors import Disconnect, ProtocolError
from realtime.feed import Subscription
from realtime.frames import text_frame
from realtime.pool import ask
from realtime.topics import Topic
from realtime.writer import writer_of

logger = logging.getLogger(__name__)

Message = dict[str, Any]
_PING = text_frame(protocol.PING)


class NotificationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """A conversation in the client protocol, whose socket the hub writes to."""

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Run the conversation; unlike Channels' own, with no layer channel of its own."""
        self.scope, self.base_send = scope, send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass

    async def dispatch(self, message: Message) -> None:
        """Handle what the server says; unlike Channels' own, without a hop to a thread."""
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                self._let_go()
                raise StopConsumer

    async def connect(self) -> None:
        """Accept; who it is comes with the connect command."""
        now = limits()
        self._connection = Connection(now.ping_seconds, now.max_subscriptions)
        self._subscriptions: dict[Topic, Subscription] = {}
        self._session_key = auth.session_cookie(self.scope["headers"])
        self._awaits_pong, self._ttl, self._ends_at = False, 0, math.inf
        self._is_over = False
        self._slot: int | None = None
        offered = self.scope.get("subprotocols") or ()
        await self.accept("centrifuge-json" if "centrifuge-json" in offered else None)
        self._socket = writer_of(self.scope, self.base_send)
        # Nobody reads the handshake's headers again, and they outweigh all else kept here.
        self.scope["headers"].clear()
        asyncio.get_running_loop().call_later(now.stale_seconds, self._end_if_stale)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Act on a message's commands, strictly in order."""
        try:
            if text_data is None:
                raise Disconnect(*protocol.INAPPROPRIATE_PROTOCOL)
            for command in protocol.parse(text_data):
                if command.is_pong:
                    self._take_pong()
                else:
                    await self._perform(self._connection.receive(command))
                if self._is_over or self._connection.phase is Phase.REFUSED:
                    break  # the rest of a message goes down with its connect
        except Disconnect as end:
            self._end(end.code, end.reason)
        except (DatabaseAway, TimeoutError):
            logger.exception("The database is away", extra={"action": "socket.no_database"})
            self._end(*protocol.SERVER_ERROR)

    def ping(self) -> None:
        """Write a ping, and expect a pong."""
        self._awaits_pong = True
        self._socket.write_frame(_PING)

    def check_pong(self) -> None:
        """End if the last ping's pong is missing, or the token's grace is over."""
        if self._awaits_pong:
            self._end(*protocol.NO_PONG)
        elif asyncio.get_running_loop().time() > self._ends_at:
            self._end(*protocol.EXPIRED)

    async def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Authenticate() | Renew() | Ask() | Join():
                    await self._perform(await self._answer(effect))
                case _:
                    self._do(effect)

    async def _answer(self, question: Authenticate | Renew | Ask | Join) -> Sequence[Effect]:
        try:
            match question:
                case Authenticate(token):
                    who = await ask(auth.identify, token, self._session_key)
                    self._admit(who)
                    return self._connection.authenticated(who)
                case Renew(token):
                    who = await ask(auth.identify, token, "")
                    self._expect_end(who)
                    return self._connection.renewed(who)
                case Ask(topic):
                    user_id = self._connection.user_id
                    allowed = await ask(permissions.may_hear, user_id, topic)
                    return self._connection.answered(topic, allowed)
                case Join(topic, at):
                    page = await hub.local().join(topic, self._subscription(topic), at)
                    return self._connection.joined(topic, at, page, self._ttl)
        except ProtocolError as mistake:
            return self._connection.refused(mistake)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(payload):
                self._socket.write_frame(text_frame(payload))
            case Release(topic) if topic in self._subscriptions:  # not lost while joining
                self._subscriptions[topic].release()
            case Leave(topic):
                self._leave(topic)
            case End(code, reason):
                self._end(code, reason)

    def _admit(self, who: Identity) -> None:
        self._expect_end(who)
        self._slot = heart.local().add(self)

    def _expect_end(self, who: Identity) -> None:
        self._ttl = who.ttl
        if who.ttl:
            grace = limits().expiry_grace_seconds
            self._ends_at = asyncio.get_running_loop().time() + who.ttl + grace

    def _subscription(self, topic: Topic) -> Subscription:
        displaced = partial(self._displaced, topic)
        subscription = Subscription(self._socket.write_frame, displaced)
        return self._subscriptions.setdefault(topic, subscription)

    def _displaced(self, topic: Topic) -> None:
        for effect in self._connection.displaced(topic):
            self._do(effect)

    def _leave(self, topic: Topic) -> None:
        if (subscription := self._subscriptions.pop(topic, None)) is not None:
            hub.local().leave(topic, subscription)

    def _take_pong(self) -> None:
        if not self._awaits_pong:
            raise Disconnect(*protocol.BAD_REQUEST)
        self._awaits_pong = False

    def _end_if_stale(self) -> None:
        if self._connection.phase in {Phase.NEW, Phase.REFUSED}:
            self._end(*protocol.STALE)

    def _end(self, code: int, reason: str) -> None:
        self._is_over = True
        self._let_go()
        self._socket.end(code, reason)

    def _let_go(self) -> None:
        """Hear nothing more; harmless when there is nothing left to let go of."""
        for topic in list(getattr(self, "_subscriptions", ())):
            self._leave(topic)
        if (slot := getattr(self, "_slot", None)) is not None:
            heart.local().remove(self, slot)
            self._slot = None

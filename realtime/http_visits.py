"""One request that waits for events, from its coming in to its response's end.

While it waits there is a place in the hub, and nothing else: no thread, no database connection.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from django.db import Error as DatabaseAway

from realtime import auth, metrics, permissions, protocol
from realtime.conf import limits
from realtime.errors import Disconnect, NotAllowed, ProtocolError
from realtime.guest import Guest
from realtime.history import Page
from realtime.http_refusals import refusal_of, refuse
from realtime.http_wishes import Wish
from realtime.pool import ask
from realtime.server.handshake import Refusal
from realtime.topics import Topic
from realtime.writer import Message, Send, body_writer_of

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Message]]


class Visit(Guest):
    """A guest that comes by HTTP; a subclass is what it wishes for."""

    #: What the metrics call this way in.
    way: ClassVar[str]
    _has_begun = False
    _outcome = "gone"

    def __init__(self, wish: Wish, scope: dict[str, Any], send: Send) -> None:
        super().__init__()
        self._wish, self._scope = wish, scope
        self._outlet = body_writer_of(scope, send, self.end)
        self._ending: Disconnect | None = None

    async def serve(self, receive: Receive) -> None:
        """Answer; returns when the response is over, or the peer is gone."""
        with metrics.streams.labels(self.way).track_inprogress():
            try:
                await self._come_in()
                # The end of a response is told as its peer's leaving is.
                while (await receive())["type"] != "http.disconnect":
                    pass
            finally:
                self._leave()
                self._outlet.let_go()
                metrics.stream_closes.labels(self.way, self._outcome).inc()

    def end(self, code: int, reason: str) -> None:
        """Say why it is over, and hear nothing more from now on."""
        if not self._is_over:
            self._over(str(code))
            self._ending = Disconnect(code, reason)
            if self._has_begun:
                self._finish(self._ending)

    def displaced(self, topic: Topic) -> None:
        """Let the client come back and be told how far it can be helped."""
        self.end(*protocol.INSUFFICIENT_STATE)

    def check_pong(self) -> None:
        """Expect nothing: the kernel gives up a peer that confirms nothing."""

    def _begin(self, pages: Mapping[Topic, Page]) -> None:
        """Begin the response: these are the topics' places, and what was missed."""
        raise NotImplementedError

    def _finish(self, ending: Disconnect) -> None:
        """End a response that has begun."""
        raise NotImplementedError

    def _refuse(self, problem: Exception) -> None:
        """End a visit whose response has not begun."""
        refuse(self._outlet, refusal_of(problem))

    def _over(self, outcome: str) -> None:
        self._is_over, self._outcome = True, outcome
        self._leave()

    async def _come_in(self) -> None:
        try:
            pages = await self._enter()
            if self._ending is not None:
                raise self._ending
        except (Disconnect, ProtocolError, Refusal) as problem:
            self._turn_away(problem)
        except (DatabaseAway, TimeoutError):
            logger.exception("The database is away", extra={"action": "stream.no_database"})
            self._turn_away(Disconnect(*protocol.SERVER_ERROR))
        else:
            self._has_begun = True
            self._begin(pages)

    def _turn_away(self, problem: Exception) -> None:
        if not self._is_over:
            self._over("refused")
        self._refuse(self._ending or problem)

    async def _enter(self) -> dict[Topic, Page]:
        self._presence.arrive(self._scope.get("client"))
        await self._claim(self._wish.token, auth.credential(self._scope))
        pages = {self.personal: await self._join(self.personal, self._wish.at)}
        if not await self._prove(limits().stream_heartbeat_seconds):
            return {}
        if self.who.ttl:
            self._presence.expire(self.who.ttl)  # no fresh token can come
        for topic, at in self._wish.others:
            if topic in pages or not await ask(permissions.may_hear, self.who.user_id, topic):
                raise NotAllowed(str(topic))
            pages[topic] = await self._join(topic, at)
        if len(self._subscriptions) < len(pages):
            raise NotAllowed("it was taken back meanwhile")
        return pages

"""The layer's subscribing connection: confirmed subscriptions, and a watchdog.

redis-py's never notices that a connection is half open, and its SUBSCRIBE returns before Redis
has answered. Only ``realtime.layer`` uses this.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import hiredis
from channels_redis.pubsub import RedisSingleShardConnection
from redis.exceptions import RedisError

from realtime import metrics
from realtime.line import Line

logger = logging.getLogger(__name__)

PING_SECONDS = 2.0
#: No word for so long, not even a PONG: the connection is replaced, within 6 s in all.
SILENCE_SECONDS = 4.0
CONNECT_SECONDS = CONFIRM_SECONDS = 2.0
_AUTH_ERRORS = (b"NOAUTH", b"WRONGPASS", b"NOPERM")


class Subscriber(RedisSingleShardConnection):  # type: ignore[misc]  # channels_redis is untyped
    """Keeps one subscribing connection alive, and every wanted channel subscribed on it."""

    def __init__(self, host: dict[str, Any], layer: Any) -> None:
        super().__init__(host, layer)
        self.reconnected: list[Callable[[], None]] = []
        self._line: Line | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # the first attempt to connect is over
        self._unanswered: Counter[str] = Counter()
        self._asked_before_ping: frozenset[str] = frozenset()
        self._confirmed: set[str] = set()
        self._was_of_use = False  # this connection has confirmed something
        self._is_whole = False  # it has confirmed all that was wanted when it was made
        self._waiting: dict[str, asyncio.Future[None]] = {}

    @property
    def is_connected(self) -> bool:
        return self._line is not None

    async def subscribe(self, channel: str) -> None:
        """Subscribe, and wait until Redis has confirmed it.

        While Redis is away this returns at once, and after 2 s in any case: the channel is
        subscribed when Redis is back, and the hub's position check finds what it missed.
        """
        if channel not in self._subscribed_to:
            self._subscribed_to.add(channel)
            self._say("SUBSCRIBE", channel)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="layer-subscriber")
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._settled.wait()
                if self._line is not None and channel not in self._confirmed:
                    await asyncio.shield(self._confirmation(channel))
        except TimeoutError:
            logger.warning("Unconfirmed: %s", channel, extra={"action": "layer.unconfirmed"})

    async def unsubscribe(self, channel: str) -> None:
        """Unsubscribe; nothing waits for the answer."""
        if channel in self._subscribed_to:
            self._subscribed_to.remove(channel)
            self._confirmed.discard(channel)
            self._say("UNSUBSCRIBE", channel)

    async def flush(self) -> None:
        """Let go of everything."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        self._confirmed.clear()
        self._settled.clear()
        await super().flush()

    def heard(self, reply: Any) -> None:
        """Act on one reply of Redis."""
        match reply:
            case [b"message", name, data]:
                self._receive_message({"channel": name, "data": data})
            case [b"subscribe", name, _]:
                self._was_confirmed(name.decode())
            case b"PONG" | [b"pong", _]:
                self._was_ponged()
            case hiredis.ReplyError():
                logger.error("Redis refused: %s", reply, extra={"action": "layer.refused"})
                if str(reply).encode().startswith(_AUTH_ERRORS) and self._line:
                    self._line.abort()

    def _confirmation(self, channel: str) -> asyncio.Future[None]:
        future = self._waiting.get(channel)
        if future is None:
            future = self._waiting[channel] = asyncio.get_running_loop().create_future()
        return future

    def _was_confirmed(self, channel: str) -> None:
        self._unanswered[channel] -= 1
        # An earlier SUBSCRIBE's answer says nothing if an UNSUBSCRIBE lies in between.
        if self._unanswered[channel] > 0:
            return
        del self._unanswered[channel]
        self._was_of_use = True
        if channel in self._subscribed_to:
            self._confirmed.add(channel)
        if future := self._waiting.pop(channel, None):
            future.set_result(None)
        if not self._unanswered:
            self._all_answered()

    def _was_ponged(self) -> None:
        # Redis answers in order: what it was asked before, and has not answered, it never will.
        if lost := self._asked_before_ping & self._unanswered.keys():
            for channel in lost:
                del self._unanswered[channel]
            if not self._unanswered:
                self._all_answered()

    def _all_answered(self) -> None:
        """Compare what Redis has confirmed with what is wanted; then the connection is whole."""
        if missing := self._subscribed_to - self._confirmed:
            metrics.resubscribed.inc(len(missing))
            logger.error("Not subscribed: %s", missing, extra={"action": "layer.unsubscribed"})
            self._say("SUBSCRIBE", *sorted(missing))
        elif not self._is_whole:
            self._is_whole = True
            for hook in self.reconnected:
                hook()

    def _say(self, word: str, *channels: str) -> None:
        if self._line is not None:
            if word == "SUBSCRIBE":
                self._unanswered.update(channels)
            self._line.send(word, *channels)

    async def _keep(self) -> None:
        delay = 0.1
        try:
            while True:
                if await self._connect():
                    await self._watch()
                    # A server that hangs up on us at once is not asked ever faster.
                    delay = 0.1 if self._was_of_use else delay
                self._settled.set()
                await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311
                delay = min(delay * 2, 1.0)
        finally:
            self._lose()

    async def _connect(self) -> bool:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                line = await Line.dial(self.host, self.heard)
        except (OSError, RedisError, TimeoutError) as error:
            logger.warning("Redis is away: %s", error, extra={"action": "layer.away"})
            return False
        self._line, self._was_of_use, self._is_whole = line, False, False
        if self._subscribed_to:
            self._say("SUBSCRIBE", *sorted(self._subscribed_to))
        self._settled.set()
        return True

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        line = self._line
        while line is not None and not line.closed.done():
            if loop.time() - line.heard_at > SILENCE_SECONDS:
                logger.warning("Redis fell silent.", extra={"action": "layer.silent"})
                break
            self._asked_before_ping = frozenset(self._unanswered)
            line.send("PING")
            await asyncio.wait([line.closed], timeout=PING_SECONDS)
        self._lose()

    def _lose(self) -> None:
        self._confirmed.clear()
        self._unanswered.clear()
        if self._line is not None:
            self._line.abort()
            self._line = None
        for future in self._waiting.values():
            future.cancel() if future.done() else future.set_result(None)
        self._waiting.clear()

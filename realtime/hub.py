"""One per process: which topics its sockets hear, and where each of them is.

The hub has one channel on the layer, in the groups of the topics that its own sockets
listen to. A hint that is next is written on at once; a gap is waited for a moment, then
read from the database, once for all sockets of the topic. What no hint announced is found
by the position check.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

import msgspec
from channels.layers import get_channel_layer  # noqa: TID251 (the hub is its one reader)

from realtime import log, metrics
from realtime.conf import limits
from realtime.feed import Feed, Subscription
from realtime.history import Page
from realtime.layer import Changed, Event, LoopLayer, Probe, decode
from realtime.pool import ask
from realtime.protocol import Position
from realtime.topics import Topic

logger = logging.getLogger(__name__)

#: Hints of two workers overtake each other in 1-5 % of cases; most gaps close by themselves.
GAP_SECONDS = 0.03
#: A topic without listeners is kept this long: a page that reloads comes straight back.
IDLE_SECONDS = 1.0
RETRY_SECONDS = 1.0
_CHUNK = 500

T = TypeVar("T")


class Hub:
    """Fans out to this process's sockets."""

    def __init__(self, layer: LoopLayer) -> None:
        self._layer = layer
        self._loop = asyncio.get_running_loop()
        self._feeds: dict[str, Feed] = {}
        self._joined: dict[str, asyncio.Task[None]] = {}
        self._reading: set[str] = set()
        self._probes: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._change_hooks: list[Callable[[str], None]] = []
        self._channel = self._spawn(layer.open_channel(self.receive))
        layer.on_reconnect_call(self._check_soon)
        self._spawn(self._keep_checking())

    async def join(self, topic: Topic, sub: Subscription, at: Position | None) -> Page:
        """Enter a topic and read its place; nothing is written until ``sub.release()``.

        The order is what makes it whole: first into the set, holding what arrives; then the
        layer's confirmation; then one read of the place and of what was missed.
        """
        name = str(topic)
        feed = self._feeds.setdefault(name, Feed(name))
        feed.subscriptions.add(sub)
        try:
            await self._confirmed(topic)
            page = await _read(name, at.epoch if at else "", at.offset if at else None)
            while not feed.adopt(page, sub):
                page = await _read(name, at.epoch if at else "", at.offset if at else None)
        except BaseException:
            self.leave(topic, sub)
            raise
        return page

    def leave(self, topic: Topic, sub: Subscription) -> None:
        """Take a socket out of a topic; the last one out lets the topic go a little later."""
        feed = self._feeds.get(str(topic))
        if feed is not None:
            feed.subscriptions.discard(sub)
            if not feed.subscriptions:
                self._loop.call_later(IDLE_SECONDS, self._close_if_idle, topic)

    def receive(self, data: bytes) -> None:
        """Take one message of the layer; what is not ours is counted and ignored."""
        try:
            message = decode(data)
        except msgspec.MsgspecError:
            metrics.unknown_messages.inc()
            return
        if isinstance(message, Probe):
            self._answer(message)
            return
        if isinstance(message, Changed):
            self._tell_of_change(message.topic)
            return
        feed = self._feeds.get(message.topic)
        if feed is None:
            return
        if isinstance(message, Event):
            if feed.event(message.epoch, message.offset, message.frame, message.ends):
                self._fill_soon(feed, GAP_SECONDS)
        else:
            feed.update(message.key, message.attempt, message.n, message.frame)

    async def check_positions(self) -> None:
        """Compare every topic's place with the log, and read where it lags."""
        names = [name for name, feed in self._feeds.items() if feed.epoch]
        for start in range(0, len(names), _CHUNK):
            places = await ask(log.heads, names[start : start + _CHUNK])
            for name, place in places.items():
                feed = self._feeds.get(name)
                if feed and feed.epoch and _lags(feed, *place):
                    metrics.lags_found.inc()
                    feed.doubt()
                    await self._fill_if_needed(feed)

    def on_changed_call(self, hook: Callable[[str], None]) -> None:
        """Call ``hook`` with a topic's name when who may hear it is to be asked again."""
        self._change_hooks.append(hook)

    @property
    def topics(self) -> int:
        """Count the topics that are served."""
        return len(self._feeds)

    async def probe(self) -> str:
        """Send a message to this hub's own channel and wait for it; "" when it arrives."""
        nonce = uuid4().hex
        arrived = self._probes[nonce] = self._loop.create_future()
        try:
            channel = await asyncio.shield(self._channel)
            await self._layer.send(channel, {"type": "bellwire.probe", "nonce": nonce})
            await arrived
        finally:
            self._probes.pop(nonce, None)
        return ""

    def _answer(self, probe: Probe) -> None:
        if (arrived := self._probes.pop(probe.nonce, None)) is not None:
            arrived.set_result(None)

    def _tell_of_change(self, topic: str) -> None:
        for hook in self._change_hooks if topic in self._feeds else ():
            hook(topic)

    async def _confirmed(self, topic: Topic) -> None:
        task = self._joined.get(str(topic))
        if task is None:
            task = self._joined[str(topic)] = self._spawn(self._subscribe(topic))
        try:
            await asyncio.shield(task)
        except Exception:
            self._joined.pop(str(topic), None)  # the next to join tries again
            raise

    async def _subscribe(self, topic: Topic) -> None:
        await self._layer.group_add(topic.group, await asyncio.shield(self._channel))

    def _close_if_idle(self, topic: Topic) -> None:
        feed = self._feeds.get(str(topic))
        joined = self._joined.get(str(topic))
        if feed is None or feed.subscriptions:
            return
        if joined is not None and not joined.done():
            self._loop.call_later(IDLE_SECONDS, self._close_if_idle, topic)
            return
        del self._feeds[str(topic)]
        if joined is not None:
            del self._joined[str(topic)]
            self._spawn(self._layer.group_discard(topic.group, self._channel.result()))

    def _check_soon(self) -> None:
        self._spawn(self._check())

    def _fill_soon(self, feed: Feed, seconds: float) -> None:
        if feed.topic not in self._reading:
            self._reading.add(feed.topic)
            self._loop.call_later(seconds, lambda: self._spawn(self._fill_due(feed)))

    async def _fill_due(self, feed: Feed) -> None:
        self._reading.discard(feed.topic)
        await self._fill_if_needed(feed)

    async def _fill_if_needed(self, feed: Feed) -> None:
        if feed.has_gap and feed.subscriptions:
            try:
                await self._fill(feed)
            except Exception:
                # The database is away: keep trying, so that its return ends the gap.
                logger.exception("%s has a gap", feed.topic, extra={"action": "hub.gap"})
                self._fill_soon(feed, RETRY_SECONDS)

    async def _fill(self, feed: Feed) -> None:
        metrics.gaps_read.inc()
        feed.fill(await _read(feed.topic, feed.epoch, feed.position))

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(limits().position_check_seconds * random.uniform(0.8, 1.2))  # noqa: S311
            await self._check()

    async def _check(self) -> None:
        try:
            await self.check_positions()
        except Exception:
            # Outermost loop: a database that is away must not end the checking.
            logger.exception("No positions", extra={"action": "hub.check_failed"})

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _lags(feed: Feed, epoch: str, head: int) -> bool:
    return epoch != feed.epoch or head > feed.position


async def _read(topic: str, epoch: str, after: int | None) -> Page:
    return await ask(log.read, topic, epoch, after)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def local() -> Hub:
    """Give the running loop's hub on the default channel layer, made at its first use."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub(get_channel_layer().here())
    return hub


async def layer_answers() -> str:
    """Check readiness: a message to this process's own hub goes round."""
    return await local().probe()

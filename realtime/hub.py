"""One per process: which topics its sockets hear, and where each of them is.

The hub has one channel on the layer, in the groups of the topics that its own sockets
listen to. A hint that is next is written on at once; a gap is waited for a moment, then
read from the database, once for all sockets of the topic. What no hint announced is found
by the position check.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer  # noqa: TID251 (the hub is its one reader)

from realtime import latency, log, metrics
from realtime.conf import limits
from realtime.feed import Feed
from realtime.history import Page
from realtime.layer import Changed, Event, LoopLayer, Update
from realtime.mailbox import Mailbox
from realtime.pool import ask
from realtime.protocol import Position
from realtime.subscription import Subscription
from realtime.topics import Topic

logger = logging.getLogger(__name__)

#: Hints of two workers overtake each other in 1-5 % of cases; most gaps close by themselves.
GAP_SECONDS = 0.03
#: A topic without listeners is kept this long: a page that reloads comes straight back.
IDLE_SECONDS = 1.0
RETRY_SECONDS = 1.0
#: Readings of gaps and of what sockets missed at a time: who joins waits for the database, too.
READINGS = 3
_CHUNK = 500

T = TypeVar("T")


class Hub:
    """Fans out to this process's sockets."""

    def __init__(self, layer: LoopLayer) -> None:
        self._loop = asyncio.get_running_loop()
        self._feeds: dict[str, Feed] = {}
        self._reading: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._change_hooks: list[Callable[[str], None]] = []
        self._readings = asyncio.Semaphore(READINGS)
        self.events = self.updates = 0  #: messages of its topics that it has taken
        #: Since when every position check has failed, by the loop's clock.
        self.blind_since = math.inf
        self._mailbox = Mailbox(layer, self.take)
        layer.on_reconnect_call(self._check_soon)
        self._spawn(self._keep_checking())

    async def join(self, topic: Topic, sub: Subscription, at: Position | None) -> Page:
        """Enter a topic and read its place; nothing is written until ``sub.release()``.

        The order is what makes it whole: first into the set, holding what arrives; then the
        layer's confirmation; then one read of the place and of what was missed.
        """
        name = str(topic)
        feed = self._feeds.setdefault(name, Feed(name, latency.stamp))
        feed.subscriptions.add(sub)
        sub.catch_up = partial(self._catch_up_soon, feed, sub)
        try:
            await self._mailbox.join(topic)
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

    def take(self, message: Event | Update | Changed) -> None:
        """Act on one message of the layer."""
        feed = self._feeds.get(message.topic)
        if feed is None:
            return
        if isinstance(message, Event):
            self.events += 1
            if feed.event(
                message.epoch, message.offset, message.frame, message.ends, message.times
            ):
                self._fill_soon(feed, GAP_SECONDS)
        elif isinstance(message, Update):
            self.updates += 1
            feed.update(message.key, message.attempt, message.n, message.frame)
        else:
            for hook in self._change_hooks:
                hook(message.topic)

    async def check_positions(self) -> None:
        """Compare every topic's place with the log, and read where it lags."""
        names = [name for name, feed in self._feeds.items() if feed.epoch]
        for start in range(0, len(names), _CHUNK):
            places = await ask(log.heads, names[start : start + _CHUNK])
            feeds = [(self._feeds.get(name), place) for name, place in places.items()]
            lagging = [feed for feed, place in feeds if feed and _lags(feed, *place)]
            for feed in lagging:
                metrics.lags_found.inc()
                feed.doubt()
            await asyncio.gather(*map(self._fill_if_needed, lagging))

    def on_changed_call(self, hook: Callable[[str], None]) -> None:
        """Call ``hook`` with a topic's name when who may hear it is to be asked again."""
        self._change_hooks.append(hook)

    @property
    def topics(self) -> int:
        """Count the topics that are served."""
        return len(self._feeds)

    async def probe(self) -> str:
        """Send a message to this hub's own channel and wait for it; "" when it arrives."""
        return await self._mailbox.probe()

    def _catch_up_soon(self, feed: Feed, sub: Subscription) -> None:
        self._spawn(self._catch_up(feed, sub))

    async def _catch_up(self, feed: Feed, sub: Subscription) -> None:
        """Read what a socket that was left behind has missed; beyond a replay it is displaced."""
        async with self._readings:
            if sub not in feed.subscriptions or not sub.is_behind:
                return
            metrics.catch_ups.inc()
            sub.hold()
            try:
                page = await _read(feed.topic, feed.epoch, sub.position)
            except Exception:
                logger.exception("%s is not read", feed.topic, extra={"action": "hub.catch_up"})
                sub.stay_behind()
                self._loop.call_later(RETRY_SECONDS, sub.catch_up)
                return
        if sub not in feed.subscriptions:
            return  # it may not hear the topic any more
        if page.recovered:
            sub.replay(feed.missed(page))
        else:
            sub.displaced()

    def _close_if_idle(self, topic: Topic) -> None:
        feed = self._feeds.get(str(topic))
        if feed is None or feed.subscriptions:
            return
        if self._mailbox.leave(topic):
            del self._feeds[str(topic)]
        else:
            self._loop.call_later(IDLE_SECONDS, self._close_if_idle, topic)

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
        async with self._readings:
            metrics.gaps_read.inc()
            asked = feed.later
            feed.fill(await _read(feed.topic, feed.epoch, feed.position), asked)

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(limits().position_check_seconds * random.uniform(0.8, 1.2))  # noqa: S311
            await self._check()

    async def _check(self) -> None:
        began = self._loop.time()
        try:
            await self.check_positions()
            self.blind_since = math.inf
        except Exception:
            # Outermost loop: a database that is away must not end the checking.
            self.blind_since = min(self.blind_since, began)
            metrics.position_checks_failed.inc()
            logger.exception("No positions", extra={"action": "hub.check_failed"})
        seconds = self._loop.time() - began
        metrics.position_check.observe(seconds)
        if seconds > limits().position_check_seconds:
            logger.warning("Positions took %.1f s", seconds, extra={"action": "hub.check_slow"})

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _lags(feed: Feed, epoch: str, head: int) -> bool:
    return bool(feed.epoch) and (epoch != feed.epoch or head > feed.position)


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


def of(loop: asyncio.AbstractEventLoop) -> Hub | None:
    """Give a loop's hub, from any thread; None if it has none yet."""
    return _hubs.get(loop)


async def layer_answers() -> str:
    """Check readiness: a message to this process's own hub goes round."""
    return await local().probe()

"""Bugs of the way to the sockets."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from realtime import hub
from realtime.protocol import Position
from realtime.server.output import Output
from realtime.subscriber import Subscriber
from realtime.subscription import Subscription
from realtime.topics import Topic

#: How long lies between the two halves of what should be one.
PAUSE_SECONDS = 3.0


def no_position_check() -> None:
    """Trust that every hint arrives."""

    async def check_positions(self: hub.Hub) -> None:
        pass

    hub.Hub.check_positions = check_positions


def read_before_joining() -> None:
    """Read the log first and listen afterwards."""

    async def join(self: hub.Hub, topic: Topic, sub: Subscription, at: Position | None) -> hub.Page:
        name = str(topic)
        page = await hub._read(name, at.epoch if at else "", at.offset if at else None)
        await asyncio.sleep(PAUSE_SECONDS)
        feed = self._feeds.setdefault(name, hub.Feed(name))
        feed.subscriptions.add(sub)
        sub.catch_up = partial(self._catch_up_soon, feed, sub)
        await self._mailbox.join(topic)
        feed.adopt(page, sub)
        return page

    hub.Hub.join = join


def no_subscribe_after_reconnect() -> None:
    """Leave it to Redis to know, after a reconnect, what was subscribed before."""
    say = Subscriber._say

    def say_once(self: Subscriber, word: str, *channels: str) -> None:
        new = [each for each in channels if each not in self.__dict__.setdefault("said", set())]
        self.said.update(new)
        if word != "SUBSCRIBE" or new:
            say(self, word, *(new if word == "SUBSCRIBE" else channels))

    Subscriber._say = say_once


def unbounded_send() -> None:
    """Write whatever comes to a socket that nobody reads from."""

    def bears(self: Output, more: int) -> bool:
        return True

    def hold_little(self: Any) -> None:
        pass

    Output._bears = bears
    Output.hold_little = hold_little

"""A browser tab as a feed sees it, for tests."""

from __future__ import annotations

import json

from realtime.feed import Feed, Subscription
from realtime.history import Page
from realtime.protocol import publication

TOPIC = "user:1"


class Tab:
    """A subscription that remembers what was written to it."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.ends: list[bytes] = []
        self.times_displaced = 0
        #: Set, it asks for no more than the next frame.
        self.is_full = False
        self.waiting: list = []
        self.subscription = Subscription(self._write, self._displace, self.ends.append)

    def _write(self, frame: bytes) -> bool:
        self.frames.append(frame)
        return not self.is_full

    def _displace(self) -> None:
        self.times_displaced += 1

    @property
    def heard(self) -> list[int]:
        """The offsets of the events that were written; 0 stands for an update."""
        return [json.loads(frame[frame.index(b'{"push"') :])["push"]["pub"].get("offset", 0)
                for frame in self.frames]  # fmt: skip


def payload(offset: int) -> bytes:
    return publication(TOPIC, b'{"n":%d}' % offset, offset)


def page(first: int, head: int, epoch: str = "e1", recovered: bool = True) -> Page:
    """What the log answers to somebody who is before ``first``."""
    return Page(epoch, head, 0, [(n, f'{{"n":{n}}}') for n in range(first, head + 1)], recovered)


def join(feed: Feed, head: int = 0) -> Tab:
    """Have a tab listen to a feed from this offset on."""
    tab = Tab()
    feed.subscriptions.add(tab.subscription)
    assert feed.adopt(Page("e1", head, 0, [], recovered=False), tab.subscription)
    tab.subscription.release()
    return tab

"""A browser tab as a feed sees it, for tests."""

from __future__ import annotations

import json

from realtime.feed import Subscription
from realtime.protocol import publication

TOPIC = "user:1"


class Tab:
    """A subscription that remembers what was written to it."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.ends: list[bytes] = []
        self.times_displaced = 0
        self.subscription = Subscription(self.frames.append, self._displace, self.ends.append)

    def _displace(self) -> None:
        self.times_displaced += 1

    @property
    def heard(self) -> list[int]:
        """The offsets of the events that were written; 0 stands for an update."""
        return [json.loads(frame[frame.index(b'{"push"') :])["push"]["pub"].get("offset", 0)
                for frame in self.frames]  # fmt: skip


def payload(offset: int) -> bytes:
    return publication(TOPIC, b'{"n":%d}' % offset, offset)

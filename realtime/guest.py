"""One that listens in this process: who it is, what it hears, and how it comes and goes.

A subclass is the way in: a WebSocket, a stream, a long poll. Whichever it is, the steps are the
same and in this order: counted for its address, claimed, its personal topic joined, the claim
proved, entered in the books; then it may join other topics.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from realtime import auth, hub, revocation
from realtime.effects import Identity
from realtime.errors import NotAllowed
from realtime.history import Page
from realtime.pool import ask
from realtime.presence import Presence
from realtime.protocol import Position
from realtime.subscription import Subscription
from realtime.topics import Topic
from realtime.writer import Outlet

#: Takes a frame of the hub; False asks for no more until the peer has read.
Write = Callable[[bytes], bool]


class Guest:
    """What every way in has in common; it is the ``Present`` of its ``Presence``."""

    who = Identity("")
    _is_over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subscriptions: dict[Topic, Subscription] = {}
        self._presence = Presence()

    @property
    def personal(self) -> Topic:
        """The topic that everybody hears who is somebody."""
        return Topic.of_user(self.who.user_id)

    @property
    def shared_topics(self) -> Collection[Topic]:
        """What is heard beside the personal topic."""
        return [topic for topic in self._subscriptions if topic != self.personal]

    def end(self, code: int, reason: str) -> None:
        """Say why it is over, and hear nothing more from now on."""
        raise NotImplementedError

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more; the peer is told that it may not."""
        raise NotImplementedError

    def displaced(self, topic: Topic) -> None:
        """Act on a lost place."""
        raise NotImplementedError

    def ping(self) -> None:
        """Show the peer a sign of life, and expect one if the way in has them."""
        raise NotImplementedError

    def check_pong(self) -> None:
        """End if the peer's sign of life is missing; most ways have none."""

    async def _claim(self, token: str, found: auth.Credential) -> None:
        self.who = await ask(auth.claim, token, found)

    async def _join(self, topic: Topic, at: Position | None) -> Page:
        """Enter a topic, holding what arrives, and read its place; NotAllowed if it was lost."""
        page = await hub.local().join(topic, self._subscription(topic), at)
        if topic not in self._subscriptions:
            raise NotAllowed("it was taken back meanwhile")
        return page

    async def _prove(self, every: int = 0) -> bool:
        """Prove the claim, now that the personal topic's place is read; enter the books.

        In this order, whatever ends the session later is an event after that place. False if
        it was over meanwhile.
        """
        await ask(auth.prove, self.who)
        if self._is_over:
            return False  # its session ended meanwhile: it must not enter
        self._presence.enter(self, self.who.ttl, every)
        return True

    def _place(self, topic: Topic) -> tuple[Write, Outlet]:
        """Say what takes a topic's frames, and where they go on their way out."""
        raise NotImplementedError

    def _forget(self, topic: Topic) -> None:
        if (subscription := self._subscriptions.pop(topic, None)) is not None:
            hub.local().leave(topic, subscription)

    def _leave(self) -> None:
        """Hear nothing more; harmless when there is nothing left to let go of."""
        for topic in list(self._subscriptions):
            self._forget(topic)
        self._presence.leave()

    def _subscription(self, topic: Topic) -> Subscription:
        write, outlet = self._place(topic)
        # Only on a person's own topic does a session's end mean anything.
        ended = self._session_ended if topic == self.personal else _nothing
        displaced = partial(self.displaced, topic)
        subscription = Subscription(write, displaced, ended, outlet.call_when_drained)
        return self._subscriptions.setdefault(topic, subscription)

    def _session_ended(self, payload: bytes) -> None:
        if end := revocation.concerns(payload, self.who):
            self.end(*end)


def _nothing(payload: bytes) -> None: ...

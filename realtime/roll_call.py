"""The roll call: every few seconds a process asks again who may stay, for all its sockets.

One query for the sessions, one for the users, and the topics' rules, each asked once for a
user and a topic however many tabs hear it. It needs no Redis. What it cannot ask for a minute
it takes for a no.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from realtime import accounts, auth, metrics, permissions, protocol
from realtime.conf import limits
from realtime.effects import Identity
from realtime.hub import local as hub
from realtime.pool import ask
from realtime.topics import Topic

logger = logging.getLogger(__name__)

_CHUNK = 500

Pair = tuple[str, Topic]
T = TypeVar("T")


class Member(Protocol):
    """A socket as the roll call sees it."""

    who: Identity

    @property
    def shared_topics(self) -> Collection[Topic]:
        """What it hears beside its personal topic."""

    def end(self, code: int, reason: str) -> None:
        """Close for this reason."""

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more."""


class RollCall:
    """The sockets of one event loop that have proved who they are."""

    def __init__(self) -> None:
        self.members: set[Member] = set()
        self._loop = asyncio.get_running_loop()
        self._due: dict[Topic, float] = {}
        self._answered_at = self._loop.time()
        hub().on_changed_call(self._changed)
        self._tasks = {self._loop.create_task(self._keep_calling())}

    async def call(self) -> None:
        """Ask for everybody, and let those go who may not stay."""
        for chunk in _chunks(list(self.members)):
            self._dismiss(chunk, await ask(_judge, [member.who for member in chunk]))
        await self._ask_rules(self._topics_due())
        self._answered_at = self._loop.time()

    async def _ask_rules(self, topics: Collection[Topic]) -> None:
        pairs = {
            (member.who.user_id, topic)
            for member in self.members
            for topic in member.shared_topics
            if topic in topics
        }
        for chunk in _chunks(list(pairs)):
            refused = await ask(_refused, chunk)
            for member in list(self.members) if refused else ():
                for topic in list(member.shared_topics):
                    if (member.who.user_id, topic) in refused:
                        member.forbid(topic)

    def _dismiss(self, members: Iterable[Member], verdicts: dict[Identity, Any]) -> None:
        for member in members:
            verdict = verdicts.get(member.who)
            if verdict is not None and member in self.members:
                metrics.revoked.inc()
                member.end(*verdict)

    def _topics_due(self) -> set[Topic]:
        now = self._loop.time()
        heard = {topic for member in self.members for topic in member.shared_topics}
        self._due = {topic: self._due.get(topic, 0.0) for topic in heard}
        due = {topic for topic in heard if self._due[topic] <= now}
        for topic in due:
            self._due[topic] = now + permissions.asked_every(topic)
        return due

    def _changed(self, name: str) -> None:
        task = self._loop.create_task(self._ask_rules({Topic.parse(name)}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_calling(self) -> None:
        while True:
            await asyncio.sleep(limits().roll_call_seconds * random.uniform(0.8, 1.2))  # noqa: S311
            try:
                await self.call()
            except Exception:
                # Outermost loop: a database that is away must not end the calling.
                logger.exception("No roll call", extra={"action": "roll_call.failed"})
                self._give_up_late()

    def _give_up_late(self) -> None:
        """Fail closed: who cannot be asked about goes, and is asked at another process."""
        if self._loop.time() - self._answered_at > limits().unasked_seconds:
            for member in list(self.members):
                member.end(*protocol.SERVER_ERROR)


def _judge(people: Collection[Identity]) -> dict[Identity, tuple[int, str]]:
    """Say for whom the connection must end, and with which code."""
    users = accounts.users({who.user_id for who in people})
    standing = accounts.standing([who.session_key for who in people if who.session_key])
    verdicts = {}
    for who in set(people):
        user = users.get(who.user_id)
        if user is None:
            verdicts[who] = protocol.FORCE_DISCONNECT
        elif who.session_key and (
            who.session_key not in standing or not auth.is_of_today(user, who.session_hash)
        ):
            # The handshake decides: another tab may have put a new session in the cookie.
            verdicts[who] = protocol.FORCE_RECONNECT
    return verdicts


def _refused(pairs: Collection[Pair]) -> set[Pair]:
    users = accounts.users({user_id for user_id, _ in pairs})
    return {
        (user_id, topic)
        for user_id, topic in pairs
        if user_id in users and not permissions.may_still_hear(users[user_id], topic)
    }


def _chunks(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


_calls: WeakKeyDictionary[asyncio.AbstractEventLoop, RollCall] = WeakKeyDictionary()


def local() -> RollCall:
    """Give the running loop's roll call, made at its first use."""
    loop = asyncio.get_running_loop()
    call = _calls.get(loop)
    if call is None:
        call = _calls[loop] = RollCall()
    return call

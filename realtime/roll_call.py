"""The roll call: every few seconds a process asks again who may stay, for all its sockets.

One query for the sessions and one for the users, of 500 sockets at a time. It needs no Redis.
What it cannot ask for a minute it takes for a no.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Collection, Iterator
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from realtime import accounts, auth, metrics, protocol
from realtime.conf import limits
from realtime.effects import Identity
from realtime.hub import local as hub
from realtime.pool import ask
from realtime.reasking import Listener, Reasking

logger = logging.getLogger(__name__)

_CHUNK = 500

T = TypeVar("T")


class Member(Listener, Protocol):
    """A socket as the roll call sees it."""

    def end(self, code: int, reason: str) -> None:
        """Close for this reason."""


class RollCall:
    """The sockets of one event loop that have proved who they are."""

    def __init__(self) -> None:
        self.members: set[Member] = set()
        #: What they hear beside their own topics is asked about apart: a slow rule of an
        #: application must not hold up the sessions.
        self.rules = Reasking(self.members)
        self._loop = asyncio.get_running_loop()
        self._answered_at = self._loop.time()
        self._task = self._loop.create_task(self._keep_calling())

    async def call(self) -> None:
        """Ask for everybody, and let those go who may not stay."""
        for chunk in _chunks(list(self.members)):
            verdicts = await ask(_judge, {member.who for member in chunk})
            for member in chunk:
                verdict = verdicts.get(member.who)
                if verdict is not None and member in self.members:
                    metrics.revoked.inc()
                    member.end(*verdict)
        self._answered_at = self._loop.time()

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
        """Fail closed: who cannot be asked about, or told, is sent to another process."""
        since = min(self._answered_at, hub().blind_since)
        if self._loop.time() - since > limits().unasked_seconds:
            for member in list(self.members):
                member.end(*protocol.SERVER_ERROR)


def _judge(people: Collection[Identity]) -> dict[Identity, tuple[int, str]]:
    """Say for whom the connection must end, and with which code."""
    users = accounts.users({who.user_id for who in people})
    standing = accounts.standing([who.session_key for who in people if who.session_key])
    verdicts = {}
    for who in people:
        user = users.get(who.user_id)
        if user is None:
            verdicts[who] = protocol.FORCE_DISCONNECT
        elif who.session_key and (
            who.session_key not in standing or not auth.is_of_today(user, who.session_hash)
        ):
            # The handshake decides: another tab may have put a new session in the cookie.
            verdicts[who] = protocol.FORCE_RECONNECT
    return verdicts


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

"""The rules of shared topics, asked again for those who listen.

A rule is asked once for a user and a topic however many tabs hear it: soon after the first of
them has begun to listen, then as often as the rule says, and at once when the application
tells of a change. What is refused is heard no more. A rule that has given no answer for a
minute is taken to refuse.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Protocol

from django.db import Error as DatabaseAway

from realtime import accounts, permissions
from realtime.conf import limits
from realtime.effects import Identity
from realtime.hub import local as hub
from realtime.pool import ask
from realtime.topics import Topic

logger = logging.getLogger(__name__)

#: So many are asked of a thread in one go, or for so long: sockets wait for those threads too.
_CHUNK = 500
_TURN_SECONDS = 0.5
#: Changes that are told of in a burst are asked about together.
_PAUSE_SECONDS = 0.1

#: A user's key as text, and a topic that they hear.
Pair = tuple[str, Topic]


class Listener(Protocol):
    """A socket that hears topics beside its personal one."""

    who: Identity

    @property
    def shared_topics(self) -> Collection[Topic]:
        """What it hears beside its personal topic."""

    def forbid(self, topic: Topic) -> None:
        """Hear a topic no more."""


class Reasking:
    """Asks for the listeners of one event loop, whose set it is given."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._due: dict[Pair, float] = {}
        self._silent_since: dict[Pair, float] = {}
        self._changed: set[str] = set()
        self._is_hurried = asyncio.Event()
        hub().on_changed_call(self._hurry)
        self._task = self._loop.create_task(self._keep_asking())

    async def ask(self) -> None:
        """Ask what is due, and stop what is refused."""
        waiting = self._take_due()
        while waiting:
            turn = list(islice(waiting, _CHUNK))
            answers = await self._answers(turn)
            waiting -= answers.keys()
            self._act(answers)

    def _take_due(self) -> set[Pair]:
        heard = {
            (each.who.user_id, topic) for each in self._listeners for topic in each.shared_topics
        }
        changed, self._changed = self._changed, set()
        now = self._loop.time()
        due = {p for p in heard if self._due.get(p, 0.0) <= now or str(p[1]) in changed}
        # Until there is an answer it stays due.
        self._due = {pair: 0.0 if pair in due else self._due[pair] for pair in heard}
        self._silent_since = {p: t for p, t in self._silent_since.items() if p in heard}
        return due

    async def _answers(self, pairs: list[Pair]) -> Mapping[Pair, bool | None]:
        try:
            return await ask(_answers, pairs)
        except (DatabaseAway, TimeoutError):
            logger.exception("No rule was asked", extra={"action": "permissions.not_asked"})
            return dict.fromkeys(pairs)

    def _act(self, answers: Mapping[Pair, bool | None]) -> None:
        now = self._loop.time()
        refused = set()
        for pair, answer in answers.items():
            if answer is None:
                since = self._silent_since.setdefault(pair, now)
                if now - since >= limits().unasked_seconds:
                    refused.add(pair)
            else:
                self._silent_since.pop(pair, None)
                self._due[pair] = now + permissions.asked_every(pair[1])
                if not answer:
                    refused.add(pair)
        for each in list(self._listeners) if refused else ():
            for topic in list(each.shared_topics):
                if (each.who.user_id, topic) in refused:
                    each.forbid(topic)

    def _hurry(self, topic: str) -> None:
        self._changed.add(topic)
        self._is_hurried.set()

    async def _keep_asking(self) -> None:
        while True:
            period = limits().roll_call_seconds * random.uniform(0.8, 1.2)  # noqa: S311
            # Not wait_for: in Python 3.11 it forgets a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(period):
                    await self._is_hurried.wait()
            await asyncio.sleep(_PAUSE_SECONDS)
            self._is_hurried.clear()
            try:
                await self.ask()
            except Exception:
                # Outermost loop: it must go on whatever happens.
                logger.exception("No rules", extra={"action": "permissions.failed"})


def _answers(pairs: Collection[Pair]) -> dict[Pair, bool | None]:
    """Ask of these as many as there is time for, one at least; None where a rule fails."""
    users = accounts.users({user_id for user_id, _ in pairs})
    answers: dict[Pair, bool | None] = {}
    deadline = time.monotonic() + _TURN_SECONDS
    for user_id, topic in pairs:
        user = users.get(user_id)
        # Who may not sign in any more is the roll call's business.
        answers[user_id, topic] = permissions.may_still_hear(user, topic) if user else True
        if time.monotonic() > deadline:
            break
    return answers

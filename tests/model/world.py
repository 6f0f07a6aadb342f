"""Two processes of the platform, their log, and the pages of two people, under a virtual clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    OperationalError,
    connection,
    connections,
    transaction,
)

from realtime import admission, consumers, guest, heart, hub, log, publish, reasking, roll_call
from realtime.conf import limits
from realtime.models import Event, Stream
from realtime.topics import Topic
from tests.chaos.records import Place
from tests.model import people
from tests.model.clock import Clock, VirtualLoop
from tests.model.layer import FATES, MemoryLayer
from tests.model.line import Room
from tests.model.page import Page

P = ParamSpec("P")
T = TypeVar("T")

#: How long a question to the database takes, each way, and the reading of a page's state; and
#: how long who was cut off stays away.
QUESTION_SECONDS, STATE_SECONDS, AWAY_SECONDS = 0.05, 0.5, 2.0
#: What passes between two things that happen.
MOMENTS = (0, 0, 0, 0.01, 0.05, 0.3)
NEVER = timedelta(days=1_000)


class World:
    """Everything of one example."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self.clock = Clock()
        self.loops = [self.clock.new_loop() for _ in range(2)]
        self.layers = {loop: MemoryLayer(loop, self._dice) for loop in self.loops}
        self.pages: list[Page] = []
        #: What was committed, by its topic and place: the event's type, which is its own.
        self.committed: dict[tuple[str, Place], str] = {}
        #: When each session ended, and where in its user's stream that is told.
        self.ended: dict[str, tuple[float, Place | None]] = {}
        self.database_returns_at = 0.0
        self._is_evening = False
        self._numbers = count(1)
        self._noted = 0
        self._patch = pytest.MonkeyPatch()
        self._database = connections[DEFAULT_DB_ALIAS]
        self._take_the_place_of_what_is_outside()

    # What happens to the platform -------------------------------------------------------------

    def publish(self, topics: Sequence[str], body: dict[str, Any]) -> None:
        """Publish an event to each of these topics, in one transaction."""
        with transaction.atomic():
            self._append(topics, body)
        self._note_commits()

    def publish_much(self, topic: str, events: int) -> None:
        """Publish so many in one batch."""
        with publish.batch():
            self._append([topic] * events, {})
        self._note_commits()

    def regret(self, topic: str) -> None:
        """Publish in a transaction that is rolled back."""
        with transaction.atomic():
            self._append([topic], {})
            transaction.set_rollback(True)

    def update(self, topic: str, key: str) -> None:
        """Tell of something that is not kept."""
        n, job = next(self._numbers), {"id": key, "attempt": 1, "state": "running"}
        publish.update(Topic.parse(topic), "progressed", key=key, attempt=1, n=n, job=job)

    @contextmanager
    def weather(self, fates: tuple[str, ...]) -> Iterator[None]:
        """Let these be the fates of what is told in this block, where any are given."""
        before = {layer: layer.fates for layer in self.layers.values()}
        for layer in before:
            layer.fates = fates or layer.fates
        yield
        for layer, usual in before.items():
            layer.fates = usual

    def let_a_moment_pass(self) -> None:
        """Let some of what is under way go on."""
        self.clock.let_pass(self._dice.choice(MOMENTS))

    def restore(self, lost: int) -> None:
        """Bring back a backup that lacks the newest events, and begin new histories."""
        with transaction.atomic(), connection.cursor() as cursor:
            for stream in Stream.objects.all():
                head = max(stream.floor, stream.head - lost)
                Event.objects.filter(stream=stream, offset__gt=head)._raw_delete("default")
                cursor.execute(
                    "UPDATE realtime_stream SET head = %s WHERE id = %s", [head, stream.pk]
                )
            log.bump_epoch()

    # What people do ---------------------------------------------------------------------------

    def open(self, user: int, loop: VirtualLoop) -> None:
        """Open a page, in the newest session of this user or in a new one."""
        ours = [page.session for page in self.present if page.user == user]
        session = ours[-1] if ours and self._dice.random() < 0.3 else people.sign_in(user)
        page = Page(user, session, loop.time, lambda: self._upto(STATE_SECONDS), self._come_back)
        self.pages.append(page)
        loop.do(page.connect)

    @property
    def present(self) -> list[Page]:
        """The pages whose sessions stand."""
        return [page for page in self.pages if page.session not in self.ended]

    def have(self, page: Page, act: Callable[[], object]) -> None:
        """Have a page do something where its line leads to."""
        if page.line is not None and page.is_connected:
            page.line.loop.do(act)

    def stop_reading(self, page: Page, room: Room) -> None:
        if page.line is not None and page.is_connected:
            page.line.room = room

    def log_out(self, page: Page) -> None:
        people.sign_out(page.session)
        self._note_the_end([page.session], page.own)

    def forget(self, page: Page) -> None:
        """End a session of which nothing is told."""
        people.forget(page.session)
        self.ended[page.session] = self.clock.now, None

    def change_password(self, user: int) -> None:
        """End all sessions of this user."""
        people.change_password(user)
        theirs = {page.session for page in self.pages if page.user == user}
        self._note_the_end(theirs - self.ended.keys(), f"user:{user}")

    # How it ends ------------------------------------------------------------------------------

    def rest(self) -> None:
        """Have all be well and everybody come back, for as long as is promised."""
        self.database_returns_at = min(self.database_returns_at, self.clock.now)
        for layer in self.layers.values():
            layer.fates = FATES[:1]
        for _ in range(int(limits().position_check_seconds * 1.2) + 8):
            for page in self.pages:
                if page.line is not None:
                    self.have(page, page.line.flow)
                self.have(page, page.hear_site_again)
            self.clock.let_pass(1)

    def close(self) -> None:
        """Have everybody go, some of them unnoticed."""
        self._is_evening = True
        for page in self.pages:
            self.have(page, partial(page.cut, self._dice.random() < 0.5))
        self.clock.let_pass(60)  # lines that broke unnoticed are found by their pings

    def head(self, topic: str) -> Place:
        return Place(*log.position(topic))

    def end(self) -> None:
        """Clear everything away."""
        self.clock.finish()
        self._patch.undo()
        with connection.cursor() as cursor:  # past the signals, which would tell of it
            for table in ("realtime_event", "realtime_stream", "django_session"):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608

    # Our own ----------------------------------------------------------------------------------

    def _append(self, topics: Sequence[str], body: dict[str, Any]) -> None:
        for topic in topics:
            publish.publish(Topic.parse(topic), f"event.{next(self._numbers)}", **body)

    def _note_commits(self) -> None:
        new = Event.objects.filter(pk__gt=self._noted).order_by("pk")
        fields = ("pk", "stream__topic", "stream__epoch", "offset", "data")
        for self._noted, topic, epoch, offset, data in new.values_list(*fields):
            self.committed[topic, Place(epoch, offset)] = json.loads(data)["type"]

    def _note_the_end(self, sessions: Sequence[str] | set[str], topic: str) -> None:
        self._note_commits()
        for session in sessions:
            self.ended[session] = self.clock.now, self.head(topic)

    def _come_back(self, page: Page) -> None:
        """Have a page that lost its line come back, to any of the processes."""
        loop = self._dice.choice(self.loops)
        if not self._is_evening:
            loop.call_later(self._upto(AWAY_SECONDS), page.connect)

    def _upto(self, seconds: float) -> float:
        return self._dice.uniform(0, seconds)

    async def _ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Stand in for ``realtime.pool.ask``: the answer is as of a moment on the way."""
        await asyncio.sleep(self._upto(QUESTION_SECONDS))
        if self.clock.now < self.database_returns_at:
            raise OperationalError("away")
        connections[DEFAULT_DB_ALIAS] = self._database  # a task would open one of its own
        answer = question(*args, **kwargs)
        await asyncio.sleep(self._upto(QUESTION_SECONDS))
        return answer

    def _tell(self, messages: list[tuple[str, bytes]], first: object = ()) -> bool:
        for group, message in messages:
            for layer in self.layers.values():
                layer.publish(group, message)
        return True

    def _layer(self) -> MemoryLayer:
        return self.layers[asyncio.get_running_loop()]  # type: ignore[index]  # all are ours

    def _take_the_place_of_what_is_outside(self) -> None:
        """Stand in for Redis, and for the threads that ask the database."""
        put, epochs = self._patch.setattr, count(1)
        for module in (hub, consumers, guest, roll_call, reasking):
            put(module, "ask", self._ask)
        put(hub, "get_channel_layer", self._layer)
        put(publish, "tell", self._tell)
        # In the order of their beginning, so that places of one topic can be compared.
        put(log, "new_epoch", lambda: f"{next(epochs):08x}")
        for module, books in (
            (hub, "_hubs"),
            (roll_call, "_calls"),
            (heart, "_hearts"),
            (admission, "_admissions"),
        ):
            put(module, books, WeakKeyDictionary())

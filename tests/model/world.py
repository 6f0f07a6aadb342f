"""One process of the platform, its log, and the pages of two people, under a virtual clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, ParamSpec, TypeVar

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from realtime import consumers, hub, log, publish, reasking, roll_call
from realtime.conf import limits
from realtime.models import Event, Stream
from realtime.topics import Topic
from tests.model.clock import VirtualLoop
from tests.model.layer import MemoryLayer
from tests.model.page import Page

P = ParamSpec("P")
T = TypeVar("T")

USERS = (1, 2)
#: How long a question to the database takes, each way.
QUESTION_SECONDS = 0.05
NEVER = timedelta(days=1_000)


class World:
    """Everything of one example."""

    def __init__(self, seed: int, patch: pytest.MonkeyPatch) -> None:
        self._dice = Random(seed)
        self.loop = VirtualLoop()
        self.layer = MemoryLayer(self.loop, self._dice)
        self.pages: list[Page] = []
        #: What was committed, by its place: the event's type.
        self.committed: dict[tuple[str, str, int], str] = {}
        #: Where each session's end is in its user's stream.
        self.ended: dict[str, tuple[str, int]] = {}
        self._noted = 0
        self._patch(patch)

    # What happens to the platform -------------------------------------------------------------

    def publish(self, topic: str, count: int, size: int) -> None:
        """Publish so many events in one transaction."""
        with transaction.atomic():
            self._append(topic, count, size)
        self._note_commits()

    def regret(self, topic: str) -> None:
        """Publish in a transaction that is rolled back."""
        with transaction.atomic():
            self._append(topic, 1, 10)
            transaction.set_rollback(True)

    def update(self, topic: str, n: int) -> None:
        publish.update(Topic.parse(topic), "job.progressed", key="job", attempt=1, n=n)

    def purge(self, keep: int) -> None:
        """Have the log forget all but the newest events."""
        log.prune(keep, NEVER)

    def begin_anew(self) -> None:
        """Do what is done after a restore."""
        log.bump_epoch()

    def let_pass(self, seconds: float) -> None:
        self.loop.let_pass(seconds)

    # What people do ---------------------------------------------------------------------------

    def open(self, user: int) -> None:
        """Sign in, and open a page."""
        page = Page(user, self._session(user))
        self.pages.append(page)
        self.do(page.connect)

    def log_out(self, page: Page) -> None:
        """End a page's session."""
        Session.objects.get(pk=page.session).delete()
        self._note_commits()
        row = Stream.objects.get(topic=page.own)
        self.ended[page.session] = (row.epoch, row.head)

    def do(self, act: Callable[[], None]) -> None:
        """Do something on the loop."""

        async def acting() -> None:
            act()

        self.loop.run_until_complete(acting())

    def rest(self) -> None:
        """Have all be well, and everybody come back, for as long as is promised."""
        self.layer.fate = "arrives"
        for _ in range(int(limits().position_check_seconds * 1.2) + 8):
            self._come_back()
            self.let_pass(1)

    def head(self, topic: str) -> tuple[str, int]:
        return log.position(topic)

    def end(self) -> None:
        """Clear everything away."""
        self.loop.finish()
        with connection.cursor() as cursor:
            for model in (Event, Stream, Session):  # past the signals, which would tell of it
                cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608

    def _come_back(self) -> None:
        for page in self.pages:
            if page.socket is not None and page.socket.is_stalled:
                self.do(page.socket.resume)
            if not page.is_connected and not page.closed_for_good:
                self.do(page.connect)
            elif page.needs_state:
                self.do(page.state_was_read)

    def _append(self, topic: str, count: int, size: int) -> None:
        for _ in range(count):
            publish.publish(Topic.parse(topic), "greeting", filler="x" * size)

    def _note_commits(self) -> None:
        new = Event.objects.filter(pk__gt=self._noted).order_by("pk")
        for event in new.select_related("stream"):
            place = (event.stream.topic, event.stream.epoch, event.offset)
            self.committed[place] = json.loads(event.data)["type"]
            self._noted = event.pk

    def _session(self, user: int) -> str:
        store = SessionStore()
        store[SESSION_KEY] = str(user)
        store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        store[HASH_SESSION_KEY] = User.objects.get(pk=user).get_session_auth_hash()
        store.create()
        return str(store.session_key)

    async def _ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Stand in for ``realtime.pool.ask``: the answer is as of a moment on the way."""
        await asyncio.sleep(self._dice.uniform(0, QUESTION_SECONDS))
        answer = question(*args, **kwargs)
        await asyncio.sleep(self._dice.uniform(0, QUESTION_SECONDS))
        return answer

    def _tell(self, messages: list[tuple[str, bytes]]) -> bool:
        for group, message in messages:
            self.layer.publish(group, message)
        return True

    def _patch(self, patch: pytest.MonkeyPatch) -> None:
        """Put in place what is outside: Redis, and the threads that ask the database."""
        for module in (hub, consumers, roll_call, reasking):
            patch.setattr(module, "ask", self._ask)
        patch.setattr(hub, "get_channel_layer", lambda: self)
        patch.setattr(publish, "tell", self._tell)

    def here(self) -> Any:
        return self.layer

"""Whatever happens, in any order: each page hears all of its own, once, in order, to the end."""

from __future__ import annotations

from itertools import count

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.chaos.records import Applied, Place, Received
from tests.model.layer import FATES
from tests.model.page import SITE, Page
from tests.model.world import USERS, World

EXAMPLES, STEPS = 1_000, 50
TOPICS = ("user:1", "user:2", SITE)
MOST_PAGES = 5

which = st.integers(0, MOST_PAGES - 1)
topics = st.sampled_from(TOPICS)


class Life(RuleBasedStateMachine):
    """Two people, their pages, and everything that goes wrong."""

    patch: pytest.MonkeyPatch

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed, self.patch)
        self._judged: dict[Page, int] = {}
        self._updates = count(1)

    # What happens -----------------------------------------------------------------------------

    @rule(topic=topics, events=st.integers(1, 3), size=st.sampled_from([10, 10, 7_000]))
    def publish(self, topic: str, events: int, size: int) -> None:
        self.world.publish(topic, events, size)

    @rule(topic=topics, events=st.sampled_from([60, 310]))
    def publish_much(self, topic: str, events: int) -> None:
        self.world.publish(topic, events, 10)

    @rule(topic=topics)
    def regret(self, topic: str) -> None:
        self.world.regret(topic)

    @rule(topic=topics)
    def update(self, topic: str) -> None:
        self.world.update(topic, next(self._updates))

    @rule(fate=st.sampled_from(FATES))
    def change_weather(self, fate: str) -> None:
        self.world.layer.fate = fate

    @rule()
    def layer_comes_back(self) -> None:
        self.world.do(self.world.layer.reconnect)

    @rule(keep=st.integers(0, 5))
    def purge(self, keep: int) -> None:
        self.world.purge(keep)

    @rule()
    def begin_a_new_history(self) -> None:
        self.world.begin_anew()

    @rule(seconds=st.sampled_from([0.001, 0.03, 0.1, 0.5, 3, 13, 40]))
    def let_pass(self, seconds: float) -> None:
        self.world.let_pass(seconds)

    # What people do ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.pages) < MOST_PAGES)
    @rule(user=st.sampled_from(USERS))
    def open(self, user: int) -> None:
        self.world.open(user)

    @rule(which=which)
    def cut(self, which: int) -> None:
        if page := self._page(which):
            self.world.do(page.cut)

    @rule(which=which)
    def come_back(self, which: int) -> None:
        page = self._page(which)
        if page and not page.is_connected and not page.closed_for_good:
            self.world.do(page.connect)

    @rule(which=which)
    def stop_reading(self, which: int) -> None:
        if (page := self._page(which)) and page.socket:
            page.socket.is_stalled = True

    @rule(which=which)
    def read_on(self, which: int) -> None:
        if (page := self._page(which)) and page.socket:
            self.world.do(page.socket.resume)

    @rule(which=which)
    def read_the_state(self, which: int) -> None:
        if (page := self._page(which)) and page.needs_state:
            self.world.do(page.state_was_read)

    @rule(which=which)
    def log_out(self, which: int) -> None:
        page = self._page(which)
        if page and page.session not in self.world.ended:
            self.world.log_out(page)

    # What must be so --------------------------------------------------------------------------

    @invariant()
    def nothing_comes_twice_or_late_or_is_left_out(self) -> None:
        for page in self._pages:
            for course in page.courses.values():
                assert not [*course.again, *course.late, *course.strange]
            for wire in page.wires.values():
                assert not [*wire.again, *wire.late, *wire.leapt]

    @invariant()
    def all_that_comes_was_committed_and_is_for_this_page(self) -> None:
        for page in self._pages:
            new = page.records[self._judged.get(page, 0) :]
            self._judged[page] = len(page.records)
            for record in new:
                if isinstance(record, Received | Applied):
                    assert record.topic in (page.own, SITE)
                    place = (record.topic, record.epoch, record.offset)
                    assert self.world.committed.get(place) == record.type

    @invariant()
    def nothing_comes_after_the_end_of_a_session(self) -> None:
        for page in self._pages:
            if end := self.world.ended.get(page.session):
                received = page.wires[page.own]
                last = received.last
                assert last is None or last.epoch != end[0] or last <= Place(*end)

    @invariant()
    def only_who_has_signed_out_is_closed_for_good(self) -> None:
        for page in self._pages:
            assert not page.closed_for_good or page.session in self.world.ended

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.rest()
            for page in self.world.pages:
                if page.session in self.world.ended:
                    assert not page.is_connected
                    assert page.closed_for_good
                else:
                    self._is_whole(page)
        finally:
            self.world.end()

    def _is_whole(self, page: Page) -> None:
        assert page.is_connected
        for topic in (page.own, SITE):
            epoch, offset = self.world.head(topic)
            assert page.place(topic) == (epoch, offset), topic
            assert not page.courses[topic].missing(epoch, offset)

    def _page(self, which: int) -> Page | None:
        return self.world.pages[which] if which < len(self.world.pages) else None

    @property
    def _pages(self) -> list[Page]:
        return self.world.pages if hasattr(self, "world") else []


@pytest.fixture
def people(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # The questions are asked on the loop itself, so that their moment can be chosen.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    for pk in USERS:
        User.objects.create(pk=pk, username=f"user{pk}", password="!")


@pytest.mark.usefixtures("people")
def test_each_page_hears_all_of_its_own_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    Life.patch = monkeypatch

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

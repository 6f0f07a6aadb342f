"""Two people's pages, all that may happen to them, and what must be so whatever does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from realtime import log
from tests.model.complaints import Complaints
from tests.model.judge import Judge
from tests.model.layer import FATES
from tests.model.line import MOST_ROOM
from tests.model.page import SITE, Page
from tests.model.people import USERS
from tests.model.world import NEVER, World

STEPS = 50
TOPICS = ("user:1", "user:2", SITE)
KEYS = ("a", "b")
#: How many are there at a time; how many sessions end, and how often all begins anew.
MOST_PAGES, MOST_ENDS, MOST_DISASTERS = 4, 2, 2
#: The weather of the beginning.
MIXED = (*FATES, FATES[0], FATES[0])
#: One that quotes what ends a session; the last are as large as an event may be, or nearly.
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"ends": KEYS[0]},
    {"quoted": {"type": "session.ended", "session": "", "reason": "signed_out"}},
    {"text": "x" * 8_000},
)

numbers = st.integers(0, 59)
topics = st.sampled_from(TOPICS)


class Life(RuleBasedStateMachine):
    """Two people, their pages on two processes, and everything that goes wrong."""

    many = 20

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.judge = Judge(self.world)
        self.complaints = Complaints()
        self.disasters = 0
        for layer in self.world.layers.values():
            layer.fates = MIXED
        for user, loop in zip(USERS, self.world.loops, strict=True):
            self.world.open(user, loop)

    # What happens -----------------------------------------------------------------------------

    @rule(topics=st.lists(topics, min_size=1, max_size=4), body=st.sampled_from(BODIES))
    def publish(self, topics: list[str], body: dict[str, Any]) -> None:
        self.world.publish(topics, body)

    @rule(topic=topics)
    def publish_much(self, topic: str) -> None:
        self.world.publish_much(topic, self.many)

    @rule(topic=topics)
    def regret(self, topic: str) -> None:
        self.world.regret(topic)

    @rule(topic=topics, key=st.sampled_from(KEYS))
    def update(self, topic: str, key: str) -> None:
        self.world.update(topic, key)

    @rule(number=numbers, fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=3))
    def change_the_weather(self, number: int, fates: list[str]) -> None:
        self.world.layers[self._loop(number)].fates = tuple(fates)

    @rule(number=numbers)
    def layer_comes_back(self, number: int) -> None:
        loop = self._loop(number)
        loop.do(self.world.layers[loop].reconnect)

    @rule(keep=st.integers(0, 5))
    def purge(self, keep: int) -> None:
        log.prune(keep, NEVER)

    @precondition(lambda self: self.disasters < MOST_DISASTERS)
    @rule(lost=st.integers(0, 3))
    def restore_a_backup(self, lost: int) -> None:
        self.disasters += 1
        self.world.restore(lost)

    @precondition(lambda self: self.disasters < MOST_DISASTERS)
    @rule(seconds=st.sampled_from([0.05, 2, 20]))
    def database_goes_away(self, seconds: float) -> None:
        self.disasters += 1
        self.world.database_returns_at = self.world.clock.now + seconds

    @rule(seconds=st.sampled_from([0.03, 0.1, 0.5, 3, 13, 40]))
    def let_pass(self, seconds: float) -> None:
        self.world.clock.let_pass(seconds)

    # What people do ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.present) < MOST_PAGES)
    @rule(user=st.sampled_from(USERS), number=numbers)
    def open(self, user: int, number: int) -> None:
        self.world.open(user, self._loop(number))

    @rule(number=numbers, is_noticed=st.booleans())
    def cut(self, number: int, is_noticed: bool) -> None:
        page = self._page(number)
        self.world.have(page, partial(page.cut, is_noticed))

    @rule(number=numbers, room=st.integers(0, MOST_ROOM))
    def stop_reading(self, number: int, room: int) -> None:
        self.world.stop_reading(self._page(number), room)

    @rule(number=numbers)
    def leave_behind(self, number: int) -> None:
        page = self._page(number)
        self.world.stop_reading(page, 0)
        with self.world.weather(FATES[:1]):
            self.world.publish([page.own, page.own, SITE], {})
        self.world.clock.settle()

    @rule(number=numbers, frames=st.integers(1, 4))
    def read_a_little(self, number: int, frames: int) -> None:
        for page in self._stalled():
            self.world.have(page, partial(page.line.read, frames))

    @rule(number=numbers)
    def read_on(self, number: int) -> None:
        if stalled := self._stalled():
            page = stalled[number % len(stalled)]
            self.world.have(page, page.line.flow)

    @rule(number=numbers, act=st.sampled_from([Page.leave_site, Page.hear_site_again]))
    def change_what_is_heard(self, number: int, act: Callable[[Page], None]) -> None:
        page = self._page(number)
        if page not in self._stalled():
            self.world.have(page, partial(act, page))

    @rule(number=numbers)
    def ask_for_what_is_another_s(self, number: int) -> None:
        page = self._page(number)
        self.world.have(page, partial(page.ask_for, f"user:{3 - page.user}"))

    @precondition(lambda self: len(self.world.ended) < MOST_ENDS)
    @rule(number=numbers, end=st.sampled_from([World.log_out, World.forget]), told=st.booleans())
    def end_a_session(self, number: int, end: Callable[[World, Page], None], told: bool) -> None:
        if present := self.world.present:
            page = present[number % len(present)]
            with self.world.weather(() if told else FATES[1:2]):
                end(self.world, page)
                self.world.publish([page.own, page.own], {})

    @precondition(lambda self: len(self.world.ended) < MOST_ENDS)
    @rule(user=st.sampled_from(USERS))
    def change_a_password(self, user: int) -> None:
        self.world.change_password(user)

    # What must be so --------------------------------------------------------------------------

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.world.let_a_moment_pass()
        self.judge.look()
        assert not self.complaints.heard

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.rest()
            self.check_invariants_at_rest()
        finally:
            self.complaints.stop()
            self.world.end()

    def check_invariants_at_rest(self) -> None:
        """Nothing is lost in silence, and who has gone leaves nothing behind."""
        self.all_is_as_it_must_be()
        self.judge.in_the_end()
        self.world.close()
        self.judge.when_all_have_gone()

    def _page(self, number: int) -> Page:
        pages = self.world.present or self.world.pages
        return pages[number % len(pages)]

    def _loop(self, number: int) -> Any:
        return self.world.loops[number % 2]

    def _stalled(self) -> list[Any]:
        connected = (page for page in self.world.pages if page.is_connected)
        return [page for page in connected if page.line and page.line.room is not None]

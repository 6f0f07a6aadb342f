from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.feed import Feed
from realtime.history import MAX_REPLAY_EVENTS, Page, is_whole
from realtime.protocol import publication
from tests.unit.tabs import TOPIC, Tab


def text(offset: int) -> str:
    """Give what is committed at an offset; every third ends a session."""
    return '{"type":"session.ended"}' if offset % 3 == 0 else '{"type":"greeting"}'


class Listener(Tab):
    """A tab that reads slowly at times, and remembers which ends of sessions it was told of."""

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed
        feed.subscriptions.add(self.subscription)
        self.told: list[tuple[int, int]] = []
        self.subscription.when_drained = self.waiting.append
        self.subscription.ended = self._end

    @property
    def is_behind(self) -> bool:
        return self.subscription.is_behind and self.listens

    @property
    def listens(self) -> bool:
        return self.subscription in self._feed.subscriptions

    def _displace(self) -> None:
        super()._displace()
        self._feed.subscriptions.discard(self.subscription)

    def _end(self, payload: bytes) -> None:
        pub = json.loads(payload)["push"]["pub"]
        self.told.append((pub["offset"], max(self.heard, default=0)))


class Weather:
    """Commits, hints, joins and reads in any order; hints are lost, doubled and overtake.

    Tabs stop to read, are left behind, and catch up.

    A read is split in two, as it happens in another thread: when the log is asked, and when
    the answer is taken. ``which`` picks among what is under way.
    """

    def __init__(self) -> None:
        self.feed = Feed(TOPIC)
        self.epoch, self.head = "e1", 0
        self.hints: list[tuple[str, int]] = []
        self.joins: list[tuple[Listener, list[Page]]] = []
        self.readings: list[Page] = []
        self.catch_ups: list[tuple[Listener, Page]] = []
        self.tabs: list[Listener] = []

    def commit(self, which: int) -> None:
        self.head += 1
        self.hints.append((self.epoch, self.head))

    def commit_untold(self, which: int) -> None:
        self.head += 1

    def commit_more_than_is_replayed(self, which: int) -> None:
        self.head += MAX_REPLAY_EVENTS + 1

    def bump_epoch(self, which: int) -> None:
        self.epoch += "+"

    def hear(self, which: int) -> None:
        if self.hints:
            epoch, offset = self.hints.pop(which % len(self.hints))
            self.feed.event(epoch, offset, self.payload(offset))

    def hear_not_for_the_last_time(self, which: int) -> None:
        if self.hints:
            epoch, offset = self.hints[which % len(self.hints)]
            self.feed.event(epoch, offset, self.payload(offset))

    def enter(self, which: int) -> None:
        tab = Listener(self.feed)
        # Its place is read at once, or only when it is answered.
        self.joins.append((tab, [self.read("", None)] if which % 2 else []))

    def answer_a_join(self, which: int) -> None:
        if self.joins:
            tab, pages = self.joins.pop(which % len(self.joins))
            page = pages[0] if pages else self.read("", None)
            while not self.feed.adopt(page, tab.subscription):
                page = self.read("", None)
            tab.begins, tab.epoch = page.head, page.epoch
            tab.subscription.release()
            self.tabs.append(tab)

    def ask_for_a_gap(self, which: int) -> None:
        if self.feed.epoch:
            self.readings.append(self.read(self.feed.epoch, self.feed.position))

    def fill_a_gap(self, which: int) -> None:
        if self.readings:
            self.feed.fill(self.readings.pop(which % len(self.readings)))

    def stop_reading(self, which: int) -> None:
        if self.tabs:
            self.tabs[which % len(self.tabs)].is_full = True

    def drain(self, which: int) -> None:
        behind = [tab for tab in self.tabs if tab.is_behind]
        if behind:
            tab = behind[which % len(behind)]
            tab.is_full = which % 2 == 1  # again after the next frame
            tab.subscription.hold()
            page = self.read(self.feed.epoch, tab.subscription.position)
            self.catch_ups.append((tab, page))

    def answer_a_catch_up(self, which: int) -> None:
        if self.catch_ups:
            tab, page = self.catch_ups.pop(which % len(self.catch_ups))
            if not tab.listens:
                return
            if page.recovered:
                tab.subscription.replay(self.feed.missed(page))
            else:
                tab.subscription.displaced()

    def clear_up(self) -> None:
        while self.joins:
            self.answer_a_join(0)
        self.ask_for_a_gap(0)
        while self.readings:
            self.fill_a_gap(0)
        while self.catch_ups or any(tab.is_behind for tab in self.tabs):
            self.answer_a_catch_up(0)
            self.drain(0)

    @staticmethod
    def payload(offset: int) -> bytes:
        return publication(TOPIC, text(offset).encode(), offset)

    def read(self, epoch: str, after: int | None) -> Page:
        if after is None or (epoch and epoch != self.epoch):
            return Page(self.epoch, self.head, 0, [], recovered=False)
        missed = [(n, text(n)) for n in range(after + 1, self.head + 1)]
        missed = missed[:MAX_REPLAY_EVENTS]
        return Page(self.epoch, self.head, 0, missed, is_whole(missed, after, self.head))


CALM = [
    *(Weather.commit, Weather.commit_untold, Weather.hear, Weather.hear_not_for_the_last_time),
    *(Weather.enter, Weather.answer_a_join),
    *(Weather.ask_for_a_gap, Weather.fill_a_gap),
    *(Weather.stop_reading, Weather.drain, Weather.answer_a_catch_up),
]
STORM = [*CALM, Weather.bump_epoch, Weather.commit_more_than_is_replayed]


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(
    st.one_of(
        st.lists(st.tuples(st.sampled_from(steps), st.integers(0, 5)), min_size=10, max_size=50)
        for steps in (CALM, STORM)
    )
)
def test_in_any_weather_a_tab_hears_everything_once_or_is_told_that_it_did_not(steps):
    weather = Weather()
    for step, which in steps:
        step(weather, which)
    weather.clear_up()

    for tab in weather.tabs:
        reached = tab.begins + len(tab.heard)
        assert tab.heard == list(range(tab.begins + 1, reached + 1))
        assert tab.times_displaced or (tab.epoch, reached) == (weather.epoch, weather.head)
        ends = [offset for offset, _ in tab.told]
        assert ends == sorted(set(ends)), "told once, in order"
        assert {offset for offset in tab.heard if offset % 3 == 0} <= set(ends)
        assert all(heard <= offset for offset, heard in tab.told), "before anything later"

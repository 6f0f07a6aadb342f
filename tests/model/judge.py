"""What must be so after every step, and what must be so in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from realtime import admission, feed, heart, hub, roll_call, subscription
from tests.chaos.records import Applied, Connected, Place, Received, Record
from tests.model.clock import VirtualLoop
from tests.model.line import MOST_ROOM
from tests.model.page import SITE, Page
from tests.model.world import World

#: How long a session may still be heard on that has ended without anybody being told: a roll
#: call's period, and a question each way.
UNTOLD_SECONDS = 14.0
#: Messages of topics that wait for a peer: those that it has room for, and of each of its two
#: topics the one with which its subscription falls behind.
MOST_UNREAD = MOST_ROOM + 2


class Judge:
    """Judges what is new since it last looked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._judged: dict[Page, int] = {}

    def look(self) -> None:
        """Judge after a step."""
        self.once_and_in_order()
        self.new_records()
        self.only_who_was_signed_out_is_closed_for_good()
        self.nothing_piles_up()
        self.nothing_is_raised()

    def once_and_in_order(self) -> None:
        for page in self._world.pages:
            for topic, course in page.courses.items():
                assert not [*course.again, *course.late, *course.strange], topic
            for topic, wire in page.wires.items():
                assert not [*wire.again, *wire.late, *wire.leapt], topic
            assert not page.overtaken

    def new_records(self) -> None:
        """Nothing phantom, nothing foreign, and nothing after a session's end."""
        for page in self._world.pages:
            start, self._judged[page] = self._judged.get(page, 0), len(page.records)
            assert not page.let_in, "let in to a foreign topic"
            for time, record in page.records[start:]:
                self._committed(page, record)
                if page.session in self._world.ended:
                    self._not_after_the_end(page, time, record)

    def only_who_was_signed_out_is_closed_for_good(self) -> None:
        for page in self._world.pages:
            assert not page.closed_for_good or page.session in self._world.ended

    def nothing_is_raised(self) -> None:
        assert not self._world.clock.failures
        for page in self._world.pages:
            task = page.line.task if page.line else None
            assert task is None or not task.done() or task.cancelled() or task.result() is None

    def nothing_piles_up(self) -> None:
        for each in self._feeds():
            assert len(each._later) <= feed.MAX_LATER
            assert len(each._ranks) <= feed.MAX_KEYS
            for held in (sub.held for sub in each.subscriptions):
                assert held is None or len(held.events or ()) <= subscription.MAX_HELD
                assert held is None or len(held.updates) <= subscription.MAX_KEYS
        for page in self._world.pages:
            unread = page.line.unread if page.line else ()
            assert sum('"pub"' in text for text in unread) <= MOST_UNREAD

    def in_the_end(self) -> None:
        """Who may hear has heard all, or has been told to read the state; who may not is out."""
        for page in self._world.pages:
            if page.session in self._world.ended:
                assert page.closed_for_good, "not told that it is signed out"
                continue
            assert page.is_connected, "did not come back"
            for topic in (page.own, SITE):
                head = self._world.head(topic)
                assert page.place(topic) == head, topic
                ends = {**page.courses[topic].last_applied, head.epoch: head.offset}
                for epoch, until in ends.items():
                    assert not page.courses[topic].missing(epoch, until), topic

    def when_all_have_gone(self) -> None:
        for loop in self._world.loops:
            assert not _books(loop)

    def _committed(self, page: Page, record: Record) -> None:
        if isinstance(record, Received | Applied):
            assert record.topic in (page.own, SITE), "foreign"
            assert self._world.committed.get((record.topic, record.place)) == record.type, "phantom"

    def _not_after_the_end(self, page: Page, time: float, record: Record) -> None:
        since, end = self._world.ended[page.session]
        since = max(since, self._world.database_returns_at)
        assert time <= since + UNTOLD_SECONDS, "long after its session's end"
        if isinstance(record, Connected | Received | Applied) and record.topic == page.own:
            assert end is None or _comes_before(record, end), "after its session's end"

    def _feeds(self) -> Iterator[Any]:
        for loop in self._world.loops:
            if (found := hub._hubs.get(loop)) is not None:
                yield from found._feeds.values()


def _comes_before(record: Connected | Received | Applied, end: Place) -> bool:
    # The end itself is heard; who connects at it, or after it, was let in too late.
    return record.place < end if isinstance(record, Connected) else record.place <= end


def _books(loop: VirtualLoop) -> Sequence[object]:
    """Give what a process still has of anybody."""
    served = hub._hubs[loop].topics if loop in hub._hubs else 0
    called = roll_call._calls[loop].members if loop in roll_call._calls else ()
    hearts = heart._hearts.get(loop, {}).values()
    pinged = [slot for each in hearts for slot in each._slots]
    held = admission._admissions[loop]._held if loop in admission._admissions else {}
    return [entry for entry in (served, called, *pinged, held) if entry]

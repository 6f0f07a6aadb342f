from __future__ import annotations

import pytest

from realtime.feed import Feed
from realtime.frames import text_frame
from realtime.history import Page
from tests.unit.tabs import TOPIC, join, payload

TIMES = (5, 6)


class Stamps:
    """Notes each event that was stamped."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def __call__(self, payload: bytes, times: tuple[int, int]) -> bytes:
        self.calls.append(times)
        return payload + b"!"


@pytest.fixture
def stamps():
    return Stamps()


@pytest.fixture
def feed(stamps):
    return Feed(TOPIC, stamps)


def live(offset):
    return text_frame(payload(offset) + b"!")


def test_an_event_is_stamped_once_for_all_sockets(feed, stamps):
    tabs = [join(feed, head=5), join(feed, head=5)]

    feed.event("e1", 6, payload(6), "", TIMES)

    assert [tab.frames for tab in tabs] == [[live(6)], [live(6)]]
    assert stamps.calls == [TIMES]


def test_an_event_that_waited_for_its_turn_is_stamped_when_it_is_written(feed, stamps):
    tab = join(feed, head=5)

    feed.event("e1", 7, payload(7), "", (7, 8))
    assert stamps.calls == []
    feed.event("e1", 6, payload(6), "", TIMES)

    assert tab.frames == [live(6), live(7)]
    assert stamps.calls == [TIMES, (7, 8)]


def test_an_event_without_times_is_told_as_it_is(feed, stamps):
    tab = join(feed, head=5)

    feed.event("e1", 6, payload(6))

    assert tab.frames == [text_frame(payload(6))]
    assert stamps.calls == []


def test_what_was_read_from_the_log_has_no_times(feed, stamps):
    tab = join(feed, head=5)
    feed.event("e1", 7, payload(7), "", TIMES)

    feed.fill(Page("e1", 7, 0, [(6, '{"n":6}'), (7, '{"n":7}')], recovered=True))

    assert tab.frames == [text_frame(payload(6)), text_frame(payload(7))]
    assert stamps.calls == []


def test_an_event_that_nobody_hears_is_not_stamped(feed, stamps):
    tab = join(feed, head=5)
    feed.subscriptions.discard(tab.subscription)

    feed.event("e1", 6, payload(6), "", TIMES)

    assert (feed.position, stamps.calls) == (6, [])


def test_a_sessions_end_is_understood_without_its_times(feed):
    tab = join(feed, head=5)
    ending = b'{"push":{"channel":"user:1","pub":{"data":{"type":"session.ended"},"offset":6}}}'

    feed.event("e1", 6, ending, "", TIMES)

    assert tab.ends == [ending]

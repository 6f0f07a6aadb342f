"""A session's end among a feed's events: whom it is told, and when."""

from __future__ import annotations

import pytest

from realtime.feed import Feed
from realtime.history import Page
from realtime.protocol import publication
from tests.unit.tabs import TOPIC, Tab, join, payload

END = b'{"v":1,"type":"session.ended","session":"","reason":"signed_out"}'


def ending(offset):
    return publication(TOPIC, END, offset)


@pytest.fixture
def feed():
    return Feed(TOPIC)


def test_it_is_told_after_its_event_was_written_and_before_any_later_one(feed):
    tab = join(feed)
    told_at = []
    tab.subscription.ended = lambda _: told_at.append(list(tab.heard))

    feed.event("e1", 1, payload(1))
    feed.event("e1", 3, payload(3))
    feed.event("e1", 2, ending(2))

    assert told_at == [[1, 2]]


def test_one_whose_hint_was_lost_is_told_before_anything_later_is_delivered(feed):
    tab = join(feed)
    told_at = []
    tab.subscription.ended = lambda _: told_at.append(list(tab.heard))
    feed.event("e1", 2, payload(2))

    feed.fill(Page("e1", 2, 0, [(1, END.decode()), (2, '{"n":2}')], recovered=True))

    assert told_at == [[1]]


def test_who_joined_at_that_event_is_not_told(feed):
    before = join(feed)
    joiner = Tab()
    feed.subscriptions.add(joiner.subscription)
    feed.adopt(Page("e1", 1, 0, [], recovered=False), joiner.subscription)

    feed.event("e1", 1, ending(1))

    assert (before.ends, joiner.ends) == ([ending(1)], [])


def test_an_event_that_only_quotes_it_ends_nothing(feed):
    tab = join(feed)

    feed.event("e1", 1, publication(TOPIC, rb'{"message":"\"type\":\"session.ended\""}', 1))

    assert tab.ends == []

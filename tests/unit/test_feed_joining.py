from __future__ import annotations

import pytest

from realtime.feed import Feed
from realtime.history import Page
from tests.unit.tabs import TOPIC, Tab, payload


def place(epoch, head):
    return Page(epoch, head, 0, [], recovered=False)


@pytest.fixture
def tab():
    return Tab()


@pytest.fixture
def feed(tab):
    feed = Feed(TOPIC)
    feed.subscriptions.add(tab.subscription)
    return feed


def test_what_is_heard_before_the_place_is_known_follows_on_it(feed, tab):
    feed.event("e1", 9, payload(9))

    assert feed.adopt(place("e1", 8), tab.subscription)
    tab.subscription.release()

    assert tab.heard == [9]


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        pytest.param("new", "old", id="a history that began after the place was read"),
        pytest.param("old", "new", id="a hint of the old history that comes late"),
    ],
)
def test_no_event_of_another_history_is_taken_to_follow_on_the_place(feed, tab, heard, read):
    feed.event(heard, 9, payload(9))

    assert not feed.adopt(place(read, 8), tab.subscription)
    assert feed.adopt(place("new", 8), tab.subscription)
    tab.subscription.release()

    assert tab.heard == []
    assert (feed.epoch, feed.position) == ("new", 8)


def test_of_two_histories_that_are_heard_of_before_the_place_the_latter_waits(feed, tab):
    feed.event("old", 9, payload(9))
    feed.event("new", 10, payload(10))

    assert feed.adopt(place("new", 8), tab.subscription)
    assert feed.later == {10}

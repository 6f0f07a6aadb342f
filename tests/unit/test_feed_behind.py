"""A socket whose peer reads slowly: it is left behind, and catches up from the log."""

from __future__ import annotations

import json

import pytest

from realtime.feed import Feed
from realtime.history import Page
from realtime.protocol import publication
from realtime.subscription import MAX_KEYS
from tests.unit.tabs import TOPIC, Tab, payload


def joined(feed):
    tab = Tab()
    tab.subscription.when_drained = lambda act: tab.waiting.append(act)
    feed.subscriptions.add(tab.subscription)
    feed.adopt(Page("e1", 0, 0, [], recovered=False), tab.subscription)
    tab.subscription.release()
    return tab


@pytest.fixture
def feed():
    return Feed(TOPIC)


@pytest.fixture
def tab(feed):
    return joined(feed)


def happen(feed, *offsets):
    for offset in offsets:
        feed.event("e1", offset, payload(offset))


def progress(feed, n, key="job"):
    feed.update(key, 1, n, publication(TOPIC, b'{"key":"%s","n":%d}' % (key.encode(), n)))


def updates(tab):
    frames = [json.loads(frame[frame.index(b'{"push"') :])["push"]["pub"] for frame in tab.frames]
    return [frame["data"]["n"] for frame in frames if "offset" not in frame]


def missed(feed, tab):
    after = tab.subscription.position
    return [(n, feed.frame(n, f'{{"n":{n}}}')) for n in range(after + 1, feed.position + 1)]


def test_what_asks_for_no_more_gets_no_more(feed, tab):
    other = joined(feed)
    tab.is_full = True

    happen(feed, 1, 2, 3)

    assert (tab.heard, other.heard) == ([1], [1, 2, 3])
    assert tab.subscription.is_behind
    assert (tab.times_displaced, len(tab.waiting)) == (0, 1)


def test_it_catches_up_in_order_with_nothing_twice(feed, tab):
    tab.is_full = True
    happen(feed, 1, 2, 3)

    tab.is_full = False
    tab.subscription.hold()
    read = missed(feed, tab)
    happen(feed, 4)
    tab.subscription.replay(read)
    happen(feed, 5)

    assert tab.heard == [1, 2, 3, 4, 5]
    assert not tab.subscription.is_behind


def test_if_it_fills_again_it_goes_on_from_there(feed, tab):
    tab.is_full = True
    happen(feed, 1, 2, 3)

    tab.subscription.hold()
    tab.subscription.replay(missed(feed, tab))
    assert (tab.heard, tab.subscription.is_behind) == ([1, 2], True)

    tab.is_full = False
    tab.subscription.hold()
    tab.subscription.replay(missed(feed, tab))
    assert tab.heard == [1, 2, 3]


def test_of_a_job_s_updates_it_gets_only_the_newest(feed, tab):
    tab.is_full = True
    progress(feed, 1)
    for n in range(2, 100):
        progress(feed, n)
        progress(feed, n, "other")

    tab.is_full = False
    tab.subscription.hold()
    progress(feed, 100)
    tab.subscription.replay([])
    progress(feed, 101)

    assert updates(tab) == [1, 99, 100, 101]


def test_the_updates_that_wait_are_bounded(feed, tab):
    tab.is_full = True
    progress(feed, 1)

    for number in range(MAX_KEYS + 10):
        progress(feed, 1, f"job-{number}")

    assert len(tab.subscription.held.updates) == MAX_KEYS


def test_what_fills_while_it_is_released_keeps_its_place(feed, tab):
    tab.is_full = True
    happen(feed, 1, 2)
    tab.subscription.hold()
    read = missed(feed, tab)
    happen(feed, 3)

    tab.is_full = False
    tab.subscription.replay(read[:0])
    assert tab.times_displaced == 1, "a hole in what was read is told, never jumped over"

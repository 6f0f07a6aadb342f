"""A socket whose peer reads slowly: it is left behind, and catches up from the log."""

from __future__ import annotations

import json

import pytest

from realtime.feed import Feed
from realtime.history import Page
from realtime.protocol import publication
from realtime.subscription import MAX_KEYS
from tests.unit.tabs import TOPIC, join, payload

#: What is told at offset 9.
ENDED = '{"v":1,"type":"session.ended","session":"","reason":"signed_out"}'


def joined(feed):
    tab = join(feed)
    tab.subscription.when_drained = lambda act: tab.waiting.append(act)
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


def missed(feed, tab, head=0):
    """What the log answers to a tab, up to the feed's own position or further."""
    span = range(tab.subscription.position + 1, (head or feed.position) + 1)
    events = [(n, ENDED if n == 9 else f'{{"n":{n}}}') for n in span]
    return feed.missed(Page("e1", span.stop - 1, 0, events, recovered=True))


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


@pytest.mark.parametrize("read", [[], [3]], ids=["nothing", "the second of two"])
def test_a_hole_in_what_was_read_is_told_and_never_jumped_over(feed, tab, read):
    tab.is_full = True
    happen(feed, 1, 2, 3)
    tab.is_full = False
    tab.subscription.hold()
    happen(feed, 4)

    tab.subscription.replay([each for each in missed(feed, tab) if each[0] in read])

    assert (tab.heard, tab.times_displaced) == ([1], 1)


def test_one_that_stays_behind_asks_nobody_to_call_it(feed, tab):
    tab.subscription.stay_behind()
    happen(feed, 1)

    assert tab.subscription.is_behind
    assert (tab.heard, tab.waiting) == ([], [])


def end_session(feed):
    feed.event("e1", 9, publication(TOPIC, ENDED.encode(), 9))


def test_a_session_s_end_reaches_one_that_is_behind_at_once_and_only_once(feed, tab):
    tab.is_full = True
    happen(feed, *range(1, 9))

    end_session(feed)
    assert (tab.heard, len(tab.ends)) == ([1], 1)

    tab.is_full = False
    tab.subscription.hold()
    tab.subscription.replay(missed(feed, tab))
    assert (tab.heard, len(tab.ends)) == (list(range(1, 10)), 1)


@pytest.mark.parametrize("is_full", [False, True], ids=["it has room", "it fills by that"])
def test_one_that_reads_further_than_its_feed_is_told_of_a_session_s_end_there(feed, tab, is_full):
    tab.is_full = True
    happen(feed, *range(1, 9))
    told_at = []
    tab.subscription.ended = lambda payload: told_at.append((payload[-14:], list(tab.heard)))

    tab.is_full = False
    tab.subscription.hold()
    replayed = missed(feed, tab, head=10)
    if is_full:
        write = tab.subscription.write
        tab.subscription.write = lambda frame: write(frame) and tab.heard[-1] != 9
    tab.subscription.replay(replayed)
    end_session(feed)

    assert told_at == [(b',"offset":9}}}', list(range(1, 10)))]
    assert tab.heard == list(range(1, 10 if is_full else 11))

from __future__ import annotations

import pytest

from realtime.feed import MAX_LATER, Feed
from realtime.frames import text_frame
from realtime.subscription import MAX_HELD
from tests.unit.tabs import TOPIC, Tab, join, page, payload


@pytest.fixture
def feed():
    return Feed(TOPIC)


@pytest.fixture
def tab(feed):
    return join(feed, head=5)


@pytest.mark.parametrize(
    ("hints", "heard", "has_gap"),
    [
        pytest.param([6, 7, 8], [6, 7, 8], False, id="in order"),
        pytest.param([6, 6, 7, 6], [6, 7], False, id="doubled"),
        pytest.param([3, 5], [], False, id="old"),
        pytest.param([7], [], True, id="one is missing"),
        pytest.param([7, 6], [6, 7], False, id="one overtook another"),
        pytest.param([9, 7, 8, 6, 10], [6, 7, 8, 9, 10], False, id="all mixed up"),
        pytest.param([6, 8, 9], [6], True, id="a gap in the middle"),
        pytest.param([0, -4], [], False, id="no offsets at all"),
    ],
)
def test_hints_are_delivered_in_order_and_once(feed, tab, hints, heard, has_gap):
    answers = [feed.event("e1", offset, payload(offset)) for offset in hints]

    assert tab.heard == heard
    assert feed.has_gap is has_gap
    assert answers[-1] is has_gap


def test_a_gap_is_filled_from_the_log(feed, tab):
    feed.event("e1", 8, payload(8))

    feed.fill(page(6, 7))

    assert tab.heard == [6, 7, 8]
    assert not feed.has_gap


def test_what_came_while_the_log_was_read_is_not_delivered_twice(feed, tab):
    for offset in (8, 6, 7):
        feed.event("e1", offset, payload(offset))

    feed.fill(page(6, 8))

    assert tab.heard == [6, 7, 8]


def test_a_frame_from_the_log_is_the_frame_of_its_hint(feed, tab):
    feed.event("e1", 6, payload(6))
    feed.fill(page(7, 7))

    assert tab.frames == [text_frame(payload(6)), text_frame(payload(7))]


def test_a_gap_too_wide_to_fill_displaces_everybody(feed, tab):
    feed.event("e1", 900, payload(900))

    feed.fill(page(6, 900, recovered=False))

    assert (tab.heard, tab.times_displaced) == ([], 1)
    assert (feed.position, feed.has_gap) == (900, False)


def test_another_epoch_is_looked_up_and_displaces_everybody(feed, tab):
    assert feed.event("e2", 1, payload(1))

    feed.fill(page(1, 1, epoch="e2", recovered=False))

    assert (tab.heard, tab.times_displaced) == ([], 1)
    assert (feed.epoch, feed.position, feed.has_gap) == ("e2", 1, False)


def test_a_hint_of_a_wrong_epoch_does_no_harm(feed, tab):
    feed.event("forged", 6, payload(6))
    feed.fill(page(6, 5))
    feed.event("e1", 6, payload(6))

    assert (tab.heard, tab.times_displaced) == ([6], 0)


def test_whoever_joins_in_a_new_epoch_displaces_the_others(feed, tab):
    joiner = Tab()
    feed.subscriptions.add(joiner.subscription)

    feed.adopt(page(1, 2, epoch="e2"), joiner.subscription)

    assert (tab.times_displaced, joiner.times_displaced) == (1, 0)


def test_what_arrives_while_joining_follows_the_reply(feed):
    tab = Tab()
    feed.subscriptions.add(tab.subscription)
    for offset in (5, 6, 7):
        feed.event("e1", offset, payload(offset))
    feed.update("job", 1, 1, b'{"push":{"pub":{}}}')

    feed.adopt(page(1, 5), tab.subscription)
    assert tab.frames == []

    tab.subscription.release()
    feed.event("e1", 8, payload(8))
    assert tab.heard == [6, 7, 0, 8]


def test_a_join_that_read_too_early_reads_again(feed):
    early, late = Tab(), Tab()
    feed.subscriptions |= {early.subscription, late.subscription}

    assert feed.adopt(page(1, 7), late.subscription)
    assert not feed.adopt(page(1, 5), early.subscription)
    assert feed.adopt(page(1, 7), early.subscription)

    early.subscription.release()
    feed.event("e1", 8, payload(8))
    assert (early.heard, early.times_displaced) == ([8], 0)


def test_a_join_that_holds_what_it_has_not_read_goes_on(feed, tab):
    joiner = Tab()
    feed.subscriptions.add(joiner.subscription)
    feed.event("e1", 6, payload(6))

    assert feed.adopt(page(1, 5), joiner.subscription)

    joiner.subscription.release()
    assert joiner.heard == [6]


def test_each_tab_goes_on_from_its_own_place(feed, tab):
    feed.event("e1", 6, payload(6))
    later = join(feed, head=8)

    for offset in (7, 8, 9):
        feed.event("e1", offset, payload(offset))

    assert (tab.heard, later.heard) == ([6, 7, 8, 9], [9])


def test_a_tab_that_misses_one_loses_its_place_and_not_the_others(feed, tab):
    behind = join(feed, head=5)
    behind.subscription.position = 4

    feed.event("e1", 6, payload(6))

    assert (behind.heard, behind.times_displaced) == ([], 1)
    assert (tab.heard, tab.times_displaced) == ([6], 0)


def test_a_tab_that_leaves_during_the_delivery_hurts_nobody(feed, tab):
    other = join(feed, head=5)
    tab.subscription.write = lambda frame: feed.subscriptions.discard(other.subscription)

    feed.event("e1", 6, payload(6))

    assert feed.subscriptions == {tab.subscription}


def test_what_waits_for_a_join_is_bounded(feed, tab):
    joiner = Tab()
    feed.subscriptions.add(joiner.subscription)

    for offset in range(6, 6 + MAX_HELD + 1):
        feed.event("e1", offset, payload(offset))

    assert joiner.times_displaced == 1
    assert len(joiner.subscription.held.events) == MAX_HELD


def test_what_waits_for_a_gap_is_bounded_and_read_from_the_log(feed, tab):
    head = 7 + 2 * MAX_LATER
    for offset in range(7, head + 1):
        feed.event("e1", offset, payload(offset))

    feed.fill(page(6, head))

    assert tab.heard == list(range(6, head + 1))
    assert not feed.has_gap


def test_an_offset_that_the_log_does_not_have_is_not_waited_for(feed, tab):
    feed.event("e1", 8, payload(8))

    feed.fill(page(6, 6), asked=feed.later)
    assert not feed.has_gap
    feed.event("e1", 7, payload(7))

    assert tab.heard == [6, 7]

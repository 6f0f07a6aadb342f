from __future__ import annotations

import pytest

from realtime.feed import MAX_KEYS, Feed
from realtime.history import Page
from tests.unit.tabs import TOPIC, join, payload


@pytest.fixture
def feed():
    return Feed(TOPIC)


@pytest.fixture
def tab(feed):
    return join(feed, head=5)


@pytest.mark.parametrize(
    ("ranks", "written"),
    [
        pytest.param([(1, 1), (1, 2), (1, 9)], 3, id="rising"),
        pytest.param([(1, 2), (1, 1)], 1, id="overtaken"),
        pytest.param([(1, 2), (1, 2)], 1, id="doubled"),
        pytest.param([(1, 9), (2, 1)], 2, id="a new attempt begins anew"),
        pytest.param([(2, 1), (1, 9)], 1, id="a lost worker talks on"),
    ],
)
def test_of_the_updates_with_one_key_only_newer_ones_are_written(feed, tab, ranks, written):
    for attempt, n in ranks:
        feed.update("job", attempt, n, b'{"push":{"pub":{}}}')

    assert len(tab.frames) == written


def test_updates_with_different_keys_do_not_meet(feed, tab):
    feed.update("one", 1, 9, b'{"push":{"pub":{}}}')
    feed.update("two", 1, 1, b'{"push":{"pub":{}}}')

    assert len(tab.frames) == 2


@pytest.mark.parametrize("offset", [6, 7, 5], ids=["next", "behind a gap", "doubled"])
def test_after_the_end_of_a_job_its_updates_mean_nothing(feed, tab, offset):
    feed.event("e1", offset, payload(offset), ends="job")
    tab.frames.clear()

    feed.update("job", 99, 99, b'{"push":{"pub":{}}}')

    assert tab.frames == []


@pytest.mark.parametrize(
    ("data", "written"),
    [
        pytest.param('{"n":6,"ends":"job"}', 0, id="the job's end"),
        pytest.param('{"n":6,"ends":"another"}', 1, id="another job's end"),
        pytest.param('{"n":6,"job":{"ends":"job"}}', 1, id="a field further in"),
        pytest.param('{"n":6,"ends":["job"]}', 1, id="an application's own field"),
    ],
)
def test_a_job_s_end_that_is_read_from_the_log_ends_its_updates_too(feed, tab, data, written):
    feed.event("e1", 7, payload(7))
    feed.fill(Page("e1", 6, 0, [(6, data)], recovered=True))
    tab.frames.clear()

    feed.update("job", 99, 99, b'{"push":{"pub":{}}}')

    assert len(tab.frames) == written


def test_an_update_moves_nobodys_place(feed, tab):
    feed.update("job", 1, 1, b'{"push":{"pub":{}}}')
    feed.event("e1", 6, payload(6))

    assert tab.heard == [0, 6]


def test_the_keys_that_are_remembered_are_bounded_and_the_oldest_go(feed, tab):
    for n in range(MAX_KEYS + 1):
        feed.update(f"job {n}", 1, 1, b'{"push":{"pub":{}}}')
    tab.frames.clear()

    feed.update("job 0", 1, 1, b'{"push":{"pub":{}}}')
    feed.update(f"job {MAX_KEYS}", 1, 1, b'{"push":{"pub":{}}}')

    assert len(tab.frames) == 1

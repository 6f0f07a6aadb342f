"""Sockets that are left behind, and catch up from the log."""

from __future__ import annotations

import logging

import pytest

from realtime import hub as hubs
from realtime.history import MAX_REPLAY_EVENTS
from realtime.pool import ask
from realtime.topics import Topic
from tests.delivery import say, until
from tests.integration.hub_stage import Tab, append, rename_table

ALICE = Topic.of_user(1)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_socket_that_was_left_behind_reads_what_it_missed_from_the_log(hub):
    slow, quick = await Tab().listen(hub), await Tab().listen(hub)
    slow.is_full = True
    await say(ALICE, 1, 2, 3)
    await until(lambda: quick.numbers == [1, 2, 3])
    assert slow.numbers == [1]

    slow.drain()
    await until(lambda: slow.numbers == [1, 2, 3])
    await say(ALICE, 4)

    await until(lambda: slow.numbers == [1, 2, 3, 4])
    assert slow.times_displaced == 0


async def test_one_that_missed_more_than_a_replay_holds_is_told(hub):
    slow, quick = await Tab().listen(hub), await Tab().listen(hub)
    slow.is_full = True
    await say(ALICE, 1)
    await until(lambda: slow.numbers == [1])
    await append(*range(MAX_REPLAY_EVENTS + 1))
    await hub.check_positions()

    slow.drain()

    await until(lambda: slow.times_displaced == 1)
    assert quick.times_displaced == 1


async def test_without_its_database_it_catches_up_a_little_later(hub, monkeypatch, caplog):
    monkeypatch.setattr(hubs, "RETRY_SECONDS", 0.05)
    caplog.set_level(logging.CRITICAL, "realtime.hub")
    slow, quick = await Tab().listen(hub), await Tab().listen(hub)
    slow.is_full = True
    await say(ALICE, 1, 2)
    await until(lambda: quick.numbers == [1, 2])
    await ask(rename_table, "realtime_event", "away")

    slow.drain()
    await until(lambda: slow.waiting)
    await ask(rename_table, "away", "realtime_event")
    slow.drain()

    await until(lambda: slow.numbers == [1, 2])

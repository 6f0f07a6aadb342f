"""Sockets that are left behind, and catch up from the log."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import asynccontextmanager

import pytest
from django.db import transaction

from realtime import hub as hubs
from realtime import log, metrics
from realtime.conf import limits
from realtime.history import MAX_REPLAY_EVENTS
from realtime.pool import ask
from realtime.topics import Topic
from tests.delivery import say, until
from tests.integration.hub_stage import Count, Tab, append, without_table

ALICE = Topic.of_user(1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held_threads():
    """Let every way to the database be taken in this block."""

    @asynccontextmanager
    async def holding():
        is_over = threading.Event()
        holders = [asyncio.create_task(ask(is_over.wait)) for _ in range(limits().database_threads)]
        await asyncio.sleep(0)
        try:
            yield
        finally:
            is_over.set()
            await asyncio.gather(*holders)

    return holding


def append_text(text):
    with transaction.atomic():
        log.append_many([(str(ALICE), text)])


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


async def test_who_leaves_while_what_was_missed_is_read_gets_nothing_of_it(hub, held_threads):
    gone, other, quick = [await Tab().listen(hub) for _ in range(3)]
    gone.is_full = other.is_full = True
    await say(ALICE, 1, 2)
    await until(lambda: quick.numbers == [1, 2])

    async with held_threads():
        gone.drain()
        other.drain()
        await until(lambda: not gone.subscription.is_behind)
        hub.leave(ALICE, gone.subscription)

    await until(lambda: other.numbers == [1, 2])
    await asyncio.gather(*(ask(len, "") for _ in range(9)))
    assert (gone.numbers, gone.times_displaced) == ([1], 0)


async def test_a_session_s_end_without_a_hint_is_told_to_who_reads_it_while_catching_up(hub):
    tab = await Tab().listen(hub)
    tab.is_full = True
    await say(ALICE, 1)
    await until(lambda: tab.numbers == [1])
    await ask(append_text, '{"v":1,"type":"session.ended","session":"","reason":"signed_out"}')
    await append(3)

    tab.drain()
    await until(lambda: tab.offsets == [1, 2, 3])
    await hub.check_positions()

    assert len(tab.ends) == 1


async def test_a_crowd_that_is_behind_leaves_a_thread_to_those_who_join(hub, held_threads):
    crowd, quick = [await Tab().listen(hub) for _ in range(20)], await Tab().listen(hub)
    for tab in crowd:
        tab.is_full = True
    await say(ALICE, 1, 2)
    await until(lambda: quick.numbers == [1, 2])

    async with held_threads():
        for tab in crowd:
            tab.drain()
        await until(lambda: len([t for t in crowd if not t.subscription.is_behind]) == 3)

    await until(lambda: all(tab.numbers == [1, 2] for tab in crowd))


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
    reads = Count(metrics.catch_ups)

    async with without_table("realtime_event"):
        slow.drain()
        await until(lambda: reads > 2)
        assert slow.numbers == [1]

    await until(lambda: slow.numbers == [1, 2])

from __future__ import annotations

import asyncio
import logging

import pytest

from realtime import hub as hubs
from realtime import log, metrics
from realtime.hub import Hub
from realtime.layer import RedisLayer
from realtime.pool import ask
from realtime.topics import Topic
from tests.delivery import say, until, use
from tests.integration.hub_stage import Count, Tab, append, hint, without_table

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_hints_that_overtake_each_other_need_no_database(hub, wire):
    reads = Count(metrics.gaps_read)
    tab = await Tab().listen(hub)
    first, second, third = await append(1, 2, 3)

    for entry in (third, second, first):
        hint(wire, entry)

    await until(lambda: tab.numbers == [1, 2, 3])
    await asyncio.sleep(2 * hubs.GAP_SECONDS)
    assert reads == 0


async def test_a_gap_is_waited_for_then_read_once_for_all_sockets(hub):
    reads = Count(metrics.gaps_read)
    tabs = [await Tab().listen(hub) for _ in range(5)]
    await append(1, 2)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await say(ALICE, 3, 4)
    await until(lambda: len(tabs[0].pushed) == 4)

    assert loop.time() - began > 0.03
    assert [tab.numbers for tab in tabs] == [[1, 2, 3, 4]] * 5
    assert reads == 1


async def test_a_gap_too_wide_for_a_replay_displaces(hub):
    tab = await Tab().listen(hub)
    await append(*range(1, 400))

    await say(ALICE, 400)

    await until(lambda: tab.times_displaced == 1)
    assert tab.numbers == []


async def test_the_position_check_finds_what_no_hint_announced(hub):
    found = Count(metrics.lags_found)
    alice, bob = await Tab().listen(hub), await Tab().listen(hub, BOB)
    await append(1, 2)

    await hub.check_positions()

    assert (alice.numbers, bob.numbers) == ([1, 2], [])
    assert found == 1


async def test_positions_are_checked_without_being_asked_for(prefix, redis_server, settings):
    settings.REALTIME = {"position_check_seconds": 0.1}
    hub = Hub(RedisLayer(hosts=[redis_server.url], prefix=prefix).here())
    tab = await Tab().listen(hub)

    await append(1)

    await until(lambda: tab.numbers == [1])


async def test_positions_are_checked_at_once_after_a_reconnect(hub, wire):
    tab = await Tab().listen(hub)
    await append(1)

    wire.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes")

    await until(lambda: tab.numbers == [1])


async def test_without_redis_events_arrive_by_the_position_check(own_redis_server, settings):
    settings.REALTIME = {"position_check_seconds": 0.2}
    prefix = use(settings, own_redis_server)
    hub = Hub(RedisLayer(hosts=[own_redis_server.url], prefix=prefix).here())
    early = await Tab().listen(hub)
    own_redis_server.stop()
    late = await Tab().listen(hub, BOB)

    await say(ALICE, 1, 2)
    await say(BOB, 3)

    await until(lambda: (early.numbers, late.numbers) == ([1, 2], [3]))


async def test_a_new_epoch_displaces_everybody(hub):
    tabs = [await Tab().listen(hub), await Tab().listen(hub, BOB)]
    await say(ALICE, 1)
    await until(lambda: tabs[0].numbers == [1])
    await ask(log.bump_epoch)

    await hub.check_positions()

    assert [tab.times_displaced for tab in tabs] == [1, 1]


async def test_a_hint_of_a_new_epoch_displaces_its_topic(hub):
    alice, bob = await Tab().listen(hub), await Tab().listen(hub, BOB)
    await ask(log.bump_epoch)

    await say(ALICE, 1)

    await until(lambda: alice.times_displaced == 1)
    assert bob.times_displaced == 0


async def test_a_hint_whose_epoch_is_forged_displaces_nobody(hub, wire):
    tab = await Tab().listen(hub)
    [entry] = await append(1)

    hint(wire, entry, epoch="forged")

    await until(lambda: tab.numbers == [1])
    assert tab.times_displaced == 0


async def test_a_gap_outlasts_a_database_that_is_away(hub, wire, monkeypatch, caplog):
    monkeypatch.setattr(hubs, "RETRY_SECONDS", 0.05)
    caplog.set_level(logging.CRITICAL, "realtime.hub")
    tab = await Tab().listen(hub)
    _, second = await append(1, 2)
    reads = Count(metrics.gaps_read)

    async with without_table("realtime_event"):
        hint(wire, second)
        await until(lambda: reads > 2)
        assert tab.numbers == []

    await until(lambda: tab.numbers == [1, 2])

from __future__ import annotations

import asyncio

import pytest
from django.db import DatabaseError

from realtime import hub as hubs
from realtime import log
from realtime.layer import group_name
from realtime.pool import ask
from realtime.protocol import Position
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.delivery import say, until
from tests.integration.hub_stage import Tab, without_table

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_event_reaches_every_socket_of_its_topic_and_no_other(hub):
    alice, tablet, bob = [Tab() for _ in range(3)]
    await alice.listen(hub)
    await tablet.listen(hub)
    await bob.listen(hub, BOB)

    await say(ALICE, 1, 2, 3)
    await say(BOB, 4)

    await until(lambda: bob.numbers)
    assert alice.numbers == tablet.numbers == [1, 2, 3]
    assert bob.numbers == [4]


async def test_events_of_several_publishers_arrive_in_the_order_of_their_commits(hub):
    tab = await Tab().listen(hub, SITE)

    await asyncio.gather(*(say(SITE, *range(n, n + 50)) for n in range(0, 200, 50)))

    await until(lambda: len(tab.pushed) == 200)
    assert tab.offsets == list(range(1, 201))


async def test_whoever_joins_gets_what_was_missed_with_the_place(hub):
    await say(ALICE, 1, 2, 3)
    epoch = (await ask(log.read, str(ALICE))).epoch

    page = await Tab().join(hub, at=Position(epoch, 1))

    assert [offset for offset, _ in page.events] == [2, 3]
    assert (page.head, page.recovered) == (3, True)


async def test_what_is_committed_between_the_read_and_the_reply_follows_the_reply(hub):
    tab = Tab()
    page = await tab.join(hub)

    await say(ALICE, 1, 2)
    await until(lambda: len(tab.subscription.held.events) == 2)
    assert (page.head, tab.numbers) == (0, [])

    tab.subscription.release()
    await say(ALICE, 3)
    await until(lambda: len(tab.pushed) == 3)
    assert tab.numbers == [1, 2, 3]


async def test_nothing_is_lost_between_joining_and_a_stream_of_events(hub):
    talking = asyncio.create_task(say(ALICE, *range(1, 101)))
    tabs = []
    while not talking.done():
        tabs.append(await Tab().listen(hub))
    await talking

    assert len(tabs) > 5
    for tab in tabs:
        await until(lambda tab=tab: tab.page.head + len(tab.pushed) == 100)
        assert tab.offsets == list(range(tab.page.head + 1, 101))


async def test_who_left_is_written_to_no_more(hub):
    gone, here = await Tab().listen(hub), await Tab().listen(hub)
    hub.leave(ALICE, gone.subscription)
    hub.leave(ALICE, gone.subscription)

    await say(ALICE, 1)

    await until(lambda: here.numbers)
    assert gone.numbers == []


async def test_a_topic_without_listeners_is_let_go_a_little_later(hub, wire, monkeypatch):
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0.05)
    group = group_name(wire.prefix, ALICE.group)
    tab = await Tab().listen(hub)
    assert wire.redis.pubsub_numsub(group) == [(group.encode(), 1)]

    hub.leave(ALICE, tab.subscription)

    await until(lambda: hub.topics == 0)
    await until(lambda: wire.redis.pubsub_numsub(group) == [(group.encode(), 0)])


async def test_a_page_that_reloads_finds_its_topic_kept(hub, monkeypatch):
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0.1)
    tab = await Tab().listen(hub)
    hub.leave(ALICE, tab.subscription)
    again = await Tab().listen(hub)
    await asyncio.sleep(0.2)

    await say(ALICE, 1)

    await until(lambda: again.numbers == [1])


async def test_an_update_is_written_at_once_unless_its_job_has_ended(hub):
    tab = await Tab().listen(hub)

    update(ALICE, "tick", key="job", attempt=1, n=2)
    update(ALICE, "tick", key="job", attempt=1, n=1)
    await say(ALICE, 3, ends="job")
    update(ALICE, "tick", key="job", attempt=1, n=4)
    update(ALICE, "tick", key="other", attempt=1, n=5)

    await until(lambda: 5 in tab.numbers)
    assert tab.numbers == [2, 3, 5]


async def test_a_join_that_fails_leaves_nothing_behind(hub, monkeypatch):
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0)
    async with without_table("realtime_event"):
        with pytest.raises(DatabaseError, match="no such table"):
            await Tab().join(hub)

    await until(lambda: hub.topics == 0)
    tab = await Tab().listen(hub)
    await say(ALICE, 1)
    await until(lambda: tab.numbers == [1])


async def test_a_loop_has_one_hub(prefix):
    assert hubs.local() is hubs.local()

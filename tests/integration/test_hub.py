from __future__ import annotations

import asyncio
import json
import logging

import msgpack
import pytest
from django.db import DatabaseError, connection, transaction

from realtime import hub as hubs
from realtime import log, metrics
from realtime.feed import Subscription
from realtime.hub import Hub
from realtime.layer import RedisLayer, group_name
from realtime.pool import ask
from realtime.protocol import Position, publication
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.delivery import say, until, use

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


class Tab:
    """A socket's place in one topic, and what was written to it."""

    def __init__(self) -> None:
        self.pushed: list[dict] = []
        self.times_displaced = 0
        self.subscription = Subscription(self._write, self._displace)

    async def join(self, hub, topic=ALICE, at=None):
        self.page = await hub.join(topic, self.subscription, at)
        return self.page

    async def listen(self, hub, topic=ALICE, at=None):
        await self.join(hub, topic, at)
        self.subscription.release()
        return self

    @property
    def numbers(self):
        return [push["data"]["n"] for push in self.pushed]

    @property
    def offsets(self):
        return [push.get("offset", 0) for push in self.pushed]

    def _write(self, frame):
        self.pushed.append(json.loads(frame[frame.index(b'{"push"') :])["push"]["pub"])

    def _displace(self):
        self.times_displaced += 1


class Count:
    """How often a metric has risen since the beginning of the test."""

    def __init__(self, counter):
        self._value, self._before = counter._value, counter._value.get()

    def __eq__(self, other):
        return self._value.get() - self._before == other

    def __repr__(self):
        return repr(self._value.get() - self._before)


@pytest.fixture
async def hub(prefix, redis_server):
    return Hub(RedisLayer(hosts=[redis_server.url], prefix=prefix).here())


async def append(*numbers, topic=ALICE):
    """Append events of which no hint is sent."""

    def append_all():
        with transaction.atomic():
            return log.append_many((str(topic), json.dumps({"n": n})) for n in numbers)

    return await ask(append_all)


def hint(wire, entry, epoch=""):
    """Send an event's hint by hand."""
    message = {
        "type": "bellwire.event",
        "topic": entry.topic,
        "epoch": epoch or entry.epoch,
        "offset": entry.offset,
        "frame": publication(entry.topic, entry.data.encode(), entry.offset),
    }
    topic = Topic.parse(entry.topic)
    wire.redis.publish(group_name(wire.prefix, topic.group), msgpack.packb(message))


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
    await until(lambda: len(tab.subscription.held) == 2)
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

    await say(ALICE, 3, 4)
    await until(lambda: hub._feeds["user:1"].has_gap or tabs[0].numbers)
    began = loop.time()
    await until(lambda: len(tabs[0].pushed) == 4)

    assert loop.time() - began > hubs.GAP_SECONDS / 2
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


async def test_an_update_is_written_at_once_unless_its_job_has_ended(hub):
    tab = await Tab().listen(hub)

    update(ALICE, "tick", key="job", attempt=1, n=2)
    update(ALICE, "tick", key="job", attempt=1, n=1)
    await say(ALICE, 3, ends="job")
    update(ALICE, "tick", key="job", attempt=1, n=4)
    update(ALICE, "tick", key="other", attempt=1, n=5)

    await until(lambda: 5 in tab.numbers)
    assert tab.numbers == [2, 3, 5]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xc1", id="no msgpack"),
        pytest.param(msgpack.packb([1, 2]), id="a list"),
        pytest.param(msgpack.packb({"type": "websocket.disconnect"}), id="a forged type"),
        pytest.param(msgpack.packb({"type": "bellwire.later", "x": 1}), id="of a newer release"),
        pytest.param(msgpack.packb({"type": "bellwire.event"}), id="cut short"),
        pytest.param(
            msgpack.packb(
                {"type": "bellwire.event", "topic": "user:1", "epoch": 7, "offset": "1"}
            ),
            id="wrong types",
        ),
    ],
)
async def test_what_is_not_ours_is_counted_and_ignored(hub, wire, message):
    unknown = Count(metrics.unknown_messages)
    tab = await Tab().listen(hub)

    wire.redis.publish(group_name(wire.prefix, ALICE.group), message)
    await say(ALICE, 1)

    await until(lambda: tab.numbers == [1])
    assert unknown == 1


async def test_a_message_for_a_topic_that_nobody_hears_is_ignored(hub, wire):
    tab = await Tab().listen(hub)
    [entry] = await append(7, topic=BOB)
    message = {"type": "bellwire.event", "topic": "user:2", "epoch": entry.epoch}

    wire.redis.publish(
        group_name(wire.prefix, ALICE.group),
        msgpack.packb({**message, "offset": 1, "frame": b"{}"}),
    )
    await say(ALICE, 1)

    await until(lambda: tab.numbers == [1])


async def test_a_gap_outlasts_a_database_that_is_away(hub, wire, monkeypatch, caplog):
    monkeypatch.setattr(hubs, "RETRY_SECONDS", 0.05)
    caplog.set_level(logging.CRITICAL, "realtime.hub")
    tab = await Tab().listen(hub)
    _, second = await append(1, 2)
    await ask(_rename, "realtime_event", "away")

    hint(wire, second)
    await asyncio.sleep(0.2)
    assert tab.numbers == []
    await ask(_rename, "away", "realtime_event")

    await until(lambda: tab.numbers == [1, 2])


async def test_a_join_that_fails_leaves_nothing_behind(hub, monkeypatch):
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0)
    await ask(_rename, "realtime_event", "away")
    with pytest.raises(DatabaseError, match="no such table"):
        await Tab().join(hub)
    await ask(_rename, "away", "realtime_event")

    await until(lambda: hub.topics == 0)
    tab = await Tab().listen(hub)
    await say(ALICE, 1)
    await until(lambda: tab.numbers == [1])


async def test_a_loop_has_one_hub(prefix):
    assert hubs.local() is hubs.local()


def _rename(old, new):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

from __future__ import annotations

import json
import re
import threading
import time
from signal import SIGCONT, SIGSTOP

import msgpack
import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import transaction

from realtime import log, metrics, redis
from realtime.errors import NoTransaction, PayloadTooLarge
from realtime.layer import RedisLayer
from realtime.publish import MAX_EVENT_BYTES, batch, publish, publish_many, savepoint, update
from realtime.topics import SITE, Topic
from tests.delivery import use

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


def hints(wire):
    """What was told since the last time: (topic, number) pairs."""
    messages = [msgpack.unpackb(data) for _, data in wire.heard()]
    return [(m["topic"], data_of(m).get("n")) for m in messages]


def kept(topic):
    return [json.loads(data)["n"] for _, data in log.read(str(topic), after=0).events]


def data_of(message):
    return json.loads(message["frame"])["push"]["pub"]["data"]


def test_an_event_is_told_after_the_commit_and_not_before(wire):
    with transaction.atomic():
        publish(ALICE, "greeting", n=1)
        assert hints(wire) == []

    assert hints(wire) == [("user:1", 1)]


def test_an_event_that_is_rolled_back_is_neither_told_nor_kept(wire):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(ALICE, "greeting", n=1)
        raise ZeroDivisionError

    assert hints(wire) == []
    assert kept(ALICE) == []


def test_outside_a_transaction_nothing_is_published(wire):
    with pytest.raises(NoTransaction):
        publish(ALICE, "greeting", n=1)
    with pytest.raises(NoTransaction):
        publish_many([(ALICE, "greeting", {"n": 1})])

    assert hints(wire) == []


def test_the_hint_carries_the_very_frame_that_the_log_would_give(wire):
    with transaction.atomic():
        publish(ALICE, "job.succeeded", n=1, name='Zoë 🔔 "quoted"\n', ends="job-1")

    [(channel, message)] = wire.heard()
    [(offset, data)] = log.read(str(ALICE), after=0).events
    assert channel == f"{wire.prefix}__group__user.1"
    assert msgpack.unpackb(message) == {
        "type": "bellwire.event",
        "topic": "user:1",
        "epoch": log.read(str(ALICE)).epoch,
        "offset": offset,
        "frame": b'{"push":{"channel":"user:1","pub":{"data":%s,"offset":1}}}' % data.encode(),
        "ends": "job-1",
    }


def test_an_event_says_its_version_type_and_time(wire):
    with transaction.atomic():
        publish(ALICE, "greeting", n=1)

    data = json.loads(log.read(str(ALICE), after=0).events[0][1])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", data.pop("at"))
    assert data == {"v": 1, "type": "greeting", "n": 1}


@pytest.mark.parametrize("more", [0, 1], ids=["just fits", "a byte too many"])
def test_an_event_is_bounded_in_size(wire, more):
    with transaction.atomic():
        publish(ALICE, "greeting", n="")
    [(_, data)] = log.read(str(ALICE), after=0).events
    room = MAX_EVENT_BYTES - len(data) + more

    if more:
        with pytest.raises(PayloadTooLarge, match="greeting: 8193 bytes"), transaction.atomic():
            publish(ALICE, "greeting", n="x" * room)
    else:
        with transaction.atomic():
            publish(ALICE, "greeting", n="x" * room)
    assert log.read(str(ALICE)).head == 2 - more


def test_several_events_are_appended_and_told_in_the_order_of_their_topics(wire):
    with transaction.atomic():
        publish_many([(BOB, "greeting", {"n": 1}), (ALICE, "greeting", {"n": 2})])

    assert hints(wire) == [("user:1", 2), ("user:2", 1)]


def test_an_update_leaves_at_once_and_is_not_kept(wire):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert update(ALICE, "job.progressed", key="job", attempt=2, n=7, job={"id": "job"})
        raise ZeroDivisionError

    [(channel, message)] = wire.heard()
    message = msgpack.unpackb(message)
    data = data_of(message)
    assert channel == f"{wire.prefix}__group__user.1"
    assert (message["key"], message["attempt"], message["n"]) == ("job", 2, 7)
    assert data.pop("at")
    assert data == {"v": 1, "type": "job.progressed", "job": {"id": "job"}, "n": 7}
    assert log.read(str(ALICE)).head == 0


class TestBatch:
    def test_it_appends_at_its_end_sorted_by_topic_and_in_order_within_one(self, wire):
        with batch():
            for topic, n in [(BOB, 1), (SITE, 2), (ALICE, 3), (BOB, 4)]:
                publish(topic, "greeting", n=n)
            assert log.heads([str(ALICE), str(BOB), str(SITE)]) == {}

        assert hints(wire) == [("site:all", 2), ("user:1", 3), ("user:2", 1), ("user:2", 4)]

    def test_each_event_keeps_the_key_that_it_ends(self, wire):
        with batch():
            publish(BOB, "job.failed", n=1, ends="job-b")
            publish(ALICE, "greeting", n=2)
            publish(ALICE, "job.failed", n=3, ends="job-a")

        ends = [msgpack.unpackb(data).get("ends") for _, data in wire.heard()]
        assert ends == ["", "job-a", "job-b"]

    def test_an_exception_discards_it(self, wire):
        with pytest.raises(ZeroDivisionError), batch():
            publish(ALICE, "greeting", n=1)
            raise ZeroDivisionError

        with batch():
            publish(ALICE, "greeting", n=2)
        assert hints(wire) == [("user:1", 2)]
        assert kept(ALICE) == [2]

    def test_one_inside_another_is_a_part_of_it(self, wire):
        with batch():
            publish(BOB, "greeting", n=1)
            with batch():
                publish(ALICE, "greeting", n=2)
            with pytest.raises(ZeroDivisionError), batch():
                publish(ALICE, "greeting", n=3)
                raise ZeroDivisionError
            publish(ALICE, "greeting", n=4)
            assert log.heads([str(ALICE)]) == {}

        assert hints(wire) == [("user:1", 2), ("user:1", 4), ("user:2", 1)]

    def test_inside_a_transaction_it_is_told_with_that(self, wire):
        with transaction.atomic():
            with batch():
                publish(ALICE, "greeting", n=1)
            assert hints(wire) == []

        assert hints(wire) == [("user:1", 1)]


class TestSavepoint:
    @pytest.mark.parametrize("outer", [batch, transaction.atomic])
    def test_it_forgets_what_was_published_inside_if_it_raises(self, wire, outer):
        with outer():
            publish(ALICE, "greeting", n=1)
            with pytest.raises(ZeroDivisionError), savepoint():
                publish(ALICE, "greeting", n=2)
                raise ZeroDivisionError
            with savepoint():
                publish(ALICE, "greeting", n=3)

        assert hints(wire) == [("user:1", 1), ("user:1", 3)]
        assert kept(ALICE) == [1, 3]


class TestContractWithChannelsRedis:
    """The layer's wire format is that of the pinned channels_redis, both ways."""

    MESSAGE = {
        "type": "bellwire.update",
        "topic": "user:1",
        "key": "job",
        "attempt": 1,
        "n": 2**40,
        "frame": b"\x00{}\xff",
    }

    async def test_what_we_publish_is_what_the_stock_layer_sends(self, wire):
        stock = RedisPubSubChannelLayer(hosts=[wire.server.url], prefix=wire.prefix)
        update(ALICE, "job.progressed", key="job", attempt=1, n=7)
        [(channel, ours)] = wire.heard()

        await stock.group_send(ALICE.group, msgpack.unpackb(ours))

        assert wire.heard() == [(channel, ours)]

    async def test_the_stock_layer_receives_what_we_publish(self, wire):
        stock = RedisPubSubChannelLayer(hosts=[wire.server.url], prefix=wire.prefix)
        channel = await stock.new_channel()
        await stock.group_add(ALICE.group, channel)
        update(ALICE, "job.progressed", key="job", attempt=1, n=7)

        message = await stock.receive(channel)

        assert (message["type"], message["key"], message["n"]) == ("bellwire.update", "job", 7)
        assert data_of(message)["type"] == "job.progressed"

    @pytest.mark.parametrize(
        ("sending", "receiving"),
        [
            pytest.param(RedisPubSubChannelLayer, RedisLayer, id="from the stock layer to ours"),
            pytest.param(RedisLayer, RedisPubSubChannelLayer, id="from ours to the stock layer"),
        ],
    )
    async def test_a_message_of_one_layer_is_received_by_the_other(
        self, wire, sending, receiving
    ):
        names = {"hosts": [wire.server.url], "prefix": wire.prefix}
        sender, receiver = sending(**names), receiving(**names)
        channel = await receiver.new_channel()
        await receiver.group_add(ALICE.group, channel)

        await sender.group_send(ALICE.group, self.MESSAGE)
        await sender.send(channel, self.MESSAGE)

        assert [await receiver.receive(channel) for _ in range(2)] == [self.MESSAGE] * 2


class TestWithoutRedis:
    @pytest.fixture(params=["dead", "frozen", "frozen before the first command"])
    def trouble(self, request, settings, own_redis_server):
        use(settings, own_redis_server)
        if request.param != "frozen before the first command":
            assert redis.redis_command("PING") == b"PONG"
        if request.param == "dead":
            own_redis_server.stop()
        else:
            own_redis_server.process.send_signal(SIGSTOP)
        return own_redis_server

    def end(self, trouble):
        if trouble.process.poll() is None:
            trouble.process.send_signal(SIGCONT)
        else:
            trouble.start()

    def test_three_hundred_updates_in_a_row_are_hardly_delayed(self, trouble):
        began = time.monotonic()

        taken = [update(ALICE, "tick", key="job", attempt=1, n=n) for n in range(1, 301)]

        assert time.monotonic() - began < 0.5
        assert not any(taken)

    def test_three_hundred_events_are_kept_and_hardly_delayed(self, trouble):
        dropped = metrics.hints_dropped._value.get()
        with transaction.atomic():
            for n in range(300):
                publish(ALICE, "greeting", n=n)
            began = time.monotonic()

        assert time.monotonic() - began < 0.5
        assert kept(ALICE) == list(range(300))
        assert metrics.hints_dropped._value.get() == dropped + 300

    def test_no_thread_is_delayed_for_longer(self, trouble):
        delays = []

        def work():
            began = time.monotonic()
            for n in range(1, 50):
                update(ALICE, "tick", key="job", attempt=1, n=n)
            delays.append(time.monotonic() - began)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(delays) == 8
        assert max(delays) < 0.5

    def test_it_recovers_by_itself(self, trouble, monkeypatch):
        monkeypatch.setattr(redis, "OPEN_SECONDS", 0.1)
        assert not update(ALICE, "tick", key="job", attempt=1, n=1)
        self.end(trouble)

        deadline = time.monotonic() + 3
        while not update(ALICE, "tick", key="job", attempt=1, n=2):
            assert time.monotonic() < deadline

        assert not redis.link().is_open


def test_a_restart_between_two_commands_costs_no_hint(settings, own_redis_server):
    use(settings, own_redis_server)
    assert update(ALICE, "tick", key="job", attempt=1, n=1)
    own_redis_server.stop()
    own_redis_server.start()

    assert update(ALICE, "tick", key="job", attempt=1, n=2)


from __future__ import annotations

import asyncio
from signal import SIGCONT, SIGSTOP

import msgpack
import pytest
import redis

from realtime import subscriber
from realtime.layer import RedisLayer, group_name
from tests.delivery import until

MESSAGE = {"type": "greeting", "n": 1}


@pytest.fixture
def own(own_redis_server):
    """Another client of the test's own server, to see and to disturb what happens there."""
    with redis.Redis.from_url(own_redis_server.url) as client:
        client.server = own_redis_server
        yield client


@pytest.fixture
async def layer(own):
    return RedisLayer(hosts=[own.server.url], prefix="bell").here()


@pytest.fixture
def quick(monkeypatch):
    """A watchdog that is twenty times as nervous."""
    monkeypatch.setattr(subscriber, "PING_SECONDS", 0.1)
    monkeypatch.setattr(subscriber, "SILENCE_SECONDS", 0.3)


def tell(own, group="user.1", **message):
    """Publish to a group; return how many Redis handed it to."""
    return own.publish(group_name("bell", group), msgpack.packb(message or MESSAGE))


async def opened(layer, *groups):
    heard = []
    channel = await layer.open_channel(lambda data: heard.append(msgpack.unpackb(data)))
    for group in groups:
        await layer.group_add(group, channel)
    return channel, heard


async def test_a_join_returns_once_redis_has_confirmed_it(layer, own):
    channel, heard = await opened(layer)

    for n in range(100):
        await layer.group_add(f"user.{n}", channel)
        assert tell(own, f"user.{n}", n=n) == 1

    await until(lambda: len(heard) == 100)
    assert [message["n"] for message in heard] == list(range(100))


async def test_joins_that_wait_together_are_all_confirmed(layer, own):
    channel, _ = await opened(layer)

    await asyncio.gather(*(layer.group_add("user.1", channel) for _ in range(20)))

    assert tell(own) == 1


async def test_a_join_right_after_leaving_is_confirmed_anew(layer, own):
    channel, _ = await opened(layer, "user.1")

    for _ in range(50):
        await layer.group_discard("user.1", channel)
        await layer.group_add("user.1", channel)
        assert tell(own) == 1


async def test_who_left_hears_nothing_more(layer, own):
    channel, heard = await opened(layer, "user.1", "user.2")

    await layer.group_discard("user.1", channel)
    await until(lambda: tell(own) == 0)
    tell(own, "user.2", n=2)

    await until(lambda: {"n": 2} in heard)
    assert heard[-1] == {"n": 2}


async def test_a_closed_channel_hears_nothing_more(layer, own):
    channel, heard = await opened(layer)
    await layer.send(channel, MESSAGE)
    await until(lambda: heard == [MESSAGE])

    await layer.close_channel(channel)

    await until(lambda: own.pubsub_channels("*") == [])


async def test_one_message_that_cannot_be_taken_does_not_stop_the_others(layer, own, caplog):
    heard = []

    def take(data):
        heard.append(data)
        if len(heard) == 1:
            raise ZeroDivisionError

    channel = await layer.open_channel(take)
    await layer.group_add("user.1", channel)
    for n in range(3):
        tell(own, n=n)

    await until(lambda: len(heard) == 3)
    assert [record.action for record in caplog.records] == ["layer.dropped"]


async def test_it_is_an_ordinary_channel_layer_too(layer):
    channel, other = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_add("room", other)

    await layer.send(channel, {"type": "one"})
    await layer.group_send("room", {"type": "both"})

    assert await layer.receive(channel) == {"type": "one"}
    assert await layer.receive(channel) == await layer.receive(other) == {"type": "both"}


@pytest.mark.parametrize("trouble", ["killed", "restarted"])
async def test_everything_is_subscribed_again_after_a_reconnect(layer, own, trouble):
    reconnects = []
    groups = [f"user.{n}" for n in range(300)]
    _, heard = await opened(layer, *groups)
    layer.on_reconnect_call(lambda: reconnects.append(layer.is_connected))

    if trouble == "killed":
        assert own.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
    else:
        own.server.stop()
        await until(lambda: not layer.is_connected)
        own.server.start()
    await until(lambda: reconnects)

    await until(lambda: tell(own, "user.299") == 1)
    assert [tell(own, group) for group in groups] == [1] * 300
    await until(lambda: len(heard) == 301)
    assert reconnects == [True]


async def test_a_channel_wanted_while_redis_is_away_is_subscribed_on_its_return(layer, own):
    channel, heard = await opened(layer)
    own.server.stop()
    await until(lambda: not layer.is_connected)

    async with asyncio.timeout(1.5):
        await layer.group_add("user.1", channel)
    own.server.start()

    await until(lambda: tell(own) == 1)
    await until(lambda: heard == [MESSAGE])


async def test_a_frozen_server_is_noticed_and_left(layer, own, quick, caplog):
    reconnects = []
    _, heard = await opened(layer, "user.1")
    layer.on_reconnect_call(lambda: reconnects.append(1))

    own.server.process.send_signal(SIGSTOP)
    await until(lambda: "fell silent" in caplog.text)
    own.server.process.send_signal(SIGCONT)
    await until(lambda: reconnects)

    assert "layer.silent" in [record.action for record in caplog.records]
    await until(lambda: tell(own) == 1)
    await until(lambda: heard == [MESSAGE])


async def test_an_idle_connection_is_not_taken_for_a_frozen_one(layer, own, quick):
    reconnects = []
    await opened(layer, "user.1")
    layer.on_reconnect_call(lambda: reconnects.append(1))

    await asyncio.sleep(1)

    assert reconnects == []
    assert tell(own) == 1


def test_silence_is_noticed_within_six_seconds_or_a_ping_more():
    assert subscriber.SILENCE_SECONDS + subscriber.PING_SECONDS <= 8


async def test_a_join_on_a_frozen_server_waits_no_longer_than_two_seconds(
    layer, own, monkeypatch, caplog
):
    assert subscriber.CONFIRM_SECONDS == 2
    monkeypatch.setattr(subscriber, "CONFIRM_SECONDS", 0.1)
    channel, _ = await opened(layer)
    own.server.process.send_signal(SIGSTOP)

    async with asyncio.timeout(1):
        await layer.group_add("user.1", channel)
    own.server.process.send_signal(SIGCONT)

    assert [record.action for record in caplog.records] == ["layer.unconfirmed"]
    await until(lambda: tell(own) == 1)


async def test_a_password_is_said(own):
    own.config_set("requirepass", "hush")
    url = own.server.url.replace("unix://", "unix://:hush@")
    layer = RedisLayer(hosts=[url], prefix="bell").here()

    _, heard = await opened(layer, "user.1")

    assert tell(own) == 1
    await until(lambda: heard == [MESSAGE])


async def test_a_flushed_layer_begins_anew(layer, own):
    await opened(layer, "user.1")
    await layer.flush()
    await until(lambda: own.pubsub_channels("*") == [])

    _, heard = await opened(layer, "user.1")

    assert tell(own) == 1
    await until(lambda: heard == [MESSAGE])

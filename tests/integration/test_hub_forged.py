"""What else arrives on the layer: of a newer release, or of somebody who forges it."""

from __future__ import annotations

import dataclasses

import msgpack
import pytest

from realtime import metrics
from realtime.layer import group_name
from realtime.protocol import publication
from realtime.topics import Topic
from tests.delivery import say, until
from tests.integration.hub_stage import Count, Tab, append, hint

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


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
            msgpack.packb({"type": "bellwire.event", "topic": "user:1", "epoch": 7, "offset": "1"}),
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


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"offset": 0}, id="no place"),
        pytest.param({"offset": -5}, id="a negative place"),
        pytest.param({"frame": b"not JSON"}, id="no push"),
        pytest.param({"frame": b'{"push":{"channel":"user:2",'}, id="a push of another topic"),
    ],
)
async def test_a_forged_event_is_counted_and_ignored(hub, wire, forged):
    unknown = Count(metrics.unknown_messages)
    tab = await Tab().listen(hub)
    [entry] = await append(1)
    frame = publication(entry.topic, entry.data.encode(), entry.offset)
    message = {"type": "bellwire.event", "topic": "user:1", "epoch": entry.epoch, "frame": frame}

    wire.redis.publish(
        group_name(wire.prefix, ALICE.group), msgpack.packb({**message, "offset": 1, **forged})
    )
    await say(ALICE, 2)

    await until(lambda: tab.numbers == [1, 2])
    assert unknown == 1


async def test_a_place_that_was_never_committed_is_not_waited_for(hub, wire):
    gaps = Count(metrics.gaps_read)
    tab = await Tab().listen(hub)
    [entry] = await append(1)
    forged = dataclasses.replace(entry, offset=1 << 60)

    hint(wire, forged)
    await until(lambda: tab.numbers == [1])
    await say(ALICE, 2, 3)

    await until(lambda: tab.numbers == [1, 2, 3])
    assert gaps == 1

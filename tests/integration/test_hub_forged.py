"""What else arrives on the layer: of a newer release, or of somebody who forges it."""

from __future__ import annotations

import dataclasses

import msgpack
import pytest

from realtime import metrics
from realtime.feed import MAX_LATER
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
        pytest.param(b"\x81\xa4type\xa4\xff\xff\xff\xff", id="no UTF-8"),
        pytest.param(b"\x81\xa1x" + b"\x91" * 50_000 + b"\xc0", id="deep as a well"),
        pytest.param(
            msgpack.packb({"type": "bellwire.changed", "topic": "user:1", "x": b"x" * 65_536}),
            id="too long",
        ),
        pytest.param(
            msgpack.packb({"type": "bellwire.event", "topic": "user:1", "epoch": "\0" * 9})[:-1],
            id="broken off",
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


def _pushed(offset):
    return publication("user:1", b'{"n":1}', 99).replace(b"99", b"%d" % offset)


def _event(**forged):
    sound = publication("user:1", b'{"n":1}', 1)
    message = {"type": "bellwire.event", "topic": "user:1", "epoch": "e", "offset": 1}
    return {**message, "frame": sound, **forged}


def _update(**forged):
    sound = publication("user:1", b'{"n":1}')
    message = {"type": "bellwire.update", "topic": "user:1", "key": "job", "attempt": 1, "n": 1}
    return {**message, "frame": sound, **forged}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(_event(offset=0, frame=_pushed(0)), id="no place"),
        pytest.param(_event(offset=-5, frame=_pushed(-5)), id="a negative place"),
        pytest.param(_event(frame=b"not JSON"), id="no push"),
        pytest.param(_event(frame=b'{"push":{"channel":"user:1","pub":'), id="half a push"),
        pytest.param(_event(frame=publication("user:2", b"{}", 1)), id="a push of another topic"),
        pytest.param(_event(frame=publication("user:1", b"{}", 2)), id="a push of another place"),
        pytest.param(_event(frame=publication("user:1", b"{}")), id="an update as an event"),
        pytest.param(_event(frame=publication("user:1", b"7", 1)), id="no object in it"),
        pytest.param(
            _event(frame=publication("user:1", b'{}}}}\n{"id":1,"x":{"y":{', 1)), id="two messages"
        ),
        pytest.param(_update(frame=publication("user:1", b"{}", 9)), id="an event as an update"),
        pytest.param(_update(frame=publication("user:2", b"{}")), id="an update of another topic"),
        pytest.param(_update(attempt=0), id="an update of no attempt"),
    ],
)
async def test_a_forged_message_is_counted_and_ignored(hub, wire, message):
    unknown = Count(metrics.unknown_messages)
    tab = await Tab().listen(hub)
    await append(1)

    wire.redis.publish(group_name(wire.prefix, ALICE.group), msgpack.packb(message))
    await say(ALICE, 2)

    await until(lambda: tab.numbers == [1, 2])
    assert unknown == 1


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(_event(epoch=""), id="no epoch"),
        pytest.param(_event(epoch="x" * 60_000), id="a huge epoch"),
        pytest.param(
            _event(offset=(1 << 64) - 1, frame=publication("user:1", b"{}", (1 << 64) - 1)),
            id="the hugest place",
        ),
        pytest.param(_event(ends="job" * 10_000), id="a huge key"),
        pytest.param({"type": "bellwire.changed", "topic": "user:1\0"}, id="no topic's name"),
        pytest.param({"type": "bellwire.probe", "nonce": "forged"}, id="nobody's probe"),
    ],
)
async def test_what_looks_sound_and_is_not_true_costs_nobody_anything(hub, wire, message):
    tab = await Tab().listen(hub)
    await append(1)

    wire.redis.publish(group_name(wire.prefix, ALICE.group), msgpack.packb(message))
    await say(ALICE, 2, 3)

    await until(lambda: tab.numbers == [1, 2, 3])
    assert tab.times_displaced == 0


async def test_many_places_that_were_never_committed_keep_out_no_true_one(hub, wire):
    tab = await Tab().listen(hub)
    [entry] = await append(1)

    for offset in range(1000, 1000 + 2 * MAX_LATER):
        hint(wire, dataclasses.replace(entry, offset=offset))
    await say(ALICE, 2, 3)

    await until(lambda: tab.numbers == [1, 2, 3])
    assert tab.times_displaced == 0


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

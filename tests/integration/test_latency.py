"""An event's times on its way through Redis, to the sockets of two processes."""

from __future__ import annotations

import time

import msgspec
import pytest

from realtime.hub import Hub
from realtime.layer import Event, RedisLayer, encode
from realtime.protocol import Position
from realtime.topics import Topic
from tests.delivery import say, until
from tests.integration.hub_stage import Tab, append, hint

ALICE = Topic.of_user(1)

pytestmark = pytest.mark.django_db(transaction=True)


class OldEvent(msgspec.Struct, tag_field="type", tag="bellwire.event"):
    """The message as an older release reads it."""

    topic: str
    epoch: str
    offset: int
    frame: bytes
    ends: str = ""


def tags(tab):
    return [{name: float(text) for name, text in push["tags"].items()} for push in tab.pushed]


async def test_a_live_event_says_when_it_was_what_to_the_sockets_of_every_process(
    hub, prefix, redis_server
):
    other = Hub(RedisLayer(hosts=[redis_server.url], prefix=prefix).here())
    tabs = [await Tab().listen(each) for each in (hub, hub, other)]

    began = time.time() * 1000
    await say(ALICE, 1)
    await until(lambda: all(tab.pushed for tab in tabs))
    ended = time.time() * 1000

    first, second, elsewhere = (tags(tab)[0] for tab in tabs)
    assert first == second
    assert (first["c"], first["p"]) == (elsewhere["c"], elsewhere["p"])
    for told in (first, elsewhere):
        assert began - 1 <= told["c"] <= told["p"] <= told["w"] <= ended + 1


async def test_what_was_missed_has_no_times(hub):
    await append(1, 2)

    tab = Tab()
    page = await tab.join(hub, at=Position("", 0))
    await append(3)
    await hub.check_positions()
    tab.subscription.release()

    await until(lambda: tab.numbers == [3])
    assert [offset for offset, _ in page.events] == [1, 2]
    assert "tags" not in tab.pushed[0]


async def test_a_hint_of_an_older_release_is_delivered_without_times(hub, wire):
    tab = await Tab().listen(hub)
    [entry] = await append(1)

    hint(wire, entry)

    await until(lambda: tab.numbers == [1])
    assert "tags" not in tab.pushed[0]


def test_an_older_release_understands_a_hint_with_times():
    message = encode(Event("user:1", "e", 7, b"{}", "job-1", (5, 6)))

    assert msgspec.msgpack.decode(message, type=OldEvent) == OldEvent(
        "user:1", "e", 7, b"{}", "job-1"
    )

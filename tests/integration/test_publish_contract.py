from __future__ import annotations

import msgpack
import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from realtime.layer import RedisLayer
from realtime.publish import update
from tests.integration.publications import ALICE, data_of

pytestmark = pytest.mark.django_db(transaction=True)


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
    async def test_a_message_of_one_layer_is_received_by_the_other(self, wire, sending, receiving):
        names = {"hosts": [wire.server.url], "prefix": wire.prefix}
        sender, receiver = sending(**names), receiving(**names)
        channel = await receiver.new_channel()
        await receiver.group_add(ALICE.group, channel)

        await sender.group_send(ALICE.group, self.MESSAGE)
        await sender.send(channel, self.MESSAGE)

        assert [await receiver.receive(channel) for _ in range(2)] == [self.MESSAGE] * 2

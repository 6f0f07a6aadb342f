"""The Redis channel layer: channels_redis' pub/sub, with a lean reader of its own.

It speaks the wire format of ``channels_redis.pubsub`` (a contract test compares), and adds
what that layer lacks: a join that waits for Redis' confirmation, a reader that hands each
message over in the same turn of the loop, and a watchdog for half-open connections.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from channels_redis.utils import _wrap_close

from realtime.conf import conf
from realtime.subscriber import Subscriber


class Event(msgspec.Struct, tag_field="type", tag="bellwire.event", frozen=True, gc=False):
    """The hint of a kept event; ``frame`` is the JSON that sockets are sent.

    ``times`` are when it was committed and published, in microseconds since 1970; an older
    release says nothing of them.
    """

    topic: str
    epoch: str
    offset: int
    frame: bytes
    ends: str = ""
    times: tuple[int, int] | None = None


class Update(msgspec.Struct, tag_field="type", tag="bellwire.update", frozen=True, gc=False):
    """A message that is not kept; of one ``key`` the highest ``(attempt, n)`` wins."""

    topic: str
    key: str
    attempt: int
    n: int
    frame: bytes


class Changed(msgspec.Struct, tag_field="type", tag="bellwire.changed", frozen=True, gc=False):
    """Who may hear this topic is to be asked again."""

    topic: str


class Probe(msgspec.Struct, tag_field="type", tag="bellwire.probe", frozen=True, gc=False):
    """A hub's message to itself: does the layer carry?"""

    nonce: str


encode = msgspec.msgpack.Encoder().encode
#: Raises msgspec.MsgspecError on anything else: a forged or a newer message.
decode = msgspec.msgpack.Decoder(Event | Update | Changed | Probe).decode


def group_name(prefix: str, group: str) -> str:
    """Name the Redis channel of a group, as channels_redis does."""
    return f"{prefix}__group__{group}"


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis is untyped
    """Settings' ``BACKEND``. It needs no ``CONFIG``: publishers read REDIS_URL and REDIS_PREFIX."""

    #: What one event loop uses; a subclass may have its own.
    loop_layer: type[LoopLayer]

    def __init__(self, hosts: list[str] | None = None, prefix: str = "", **config: Any) -> None:
        hosts = hosts or [conf.REDIS_URL]
        super().__init__(hosts=hosts, prefix=prefix or conf.REDIS_PREFIX, **config)

    def _get_layer(self) -> LoopLayer:
        loop = asyncio.get_running_loop()
        layer: LoopLayer | None = self._layers.get(loop)
        if layer is None:
            layer = self.loop_layer(*self._args, **self._kwargs, channel_layer=self)
            self._layers[loop] = layer
            _wrap_close(self, loop)
        return layer

    def here(self) -> LoopLayer:
        """Give the running loop's own layer."""
        return self._get_layer()


class LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]  # channels_redis is untyped
    """One event loop's part of the layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hosts = [shard.host for shard in self._shards]
        self._shards: list[Subscriber] = [Subscriber(host, self) for host in hosts]

    async def open_channel(self, deliver: Callable[[bytes], None]) -> str:
        """Make a channel whose messages, still encoded, are handed over as they arrive."""
        channel = f"{self.prefix}specific.{uuid.uuid4().hex}"
        self.channels[channel] = _Inbox(deliver)
        await self._get_shard(channel).subscribe(channel)
        return channel

    async def close_channel(self, channel: str) -> None:
        """Give a channel of ``open_channel`` back."""
        if self.channels.pop(channel, None) is not None:
            await self._get_shard(channel).unsubscribe(channel)

    def on_reconnect_call(self, hook: Callable[[], None]) -> None:
        """Call ``hook`` each time that messages may have been missed."""
        for shard in self._shards:
            shard.reconnected.append(hook)

    @property
    def is_connected(self) -> bool:
        return all(shard.is_connected for shard in self._shards)


class _Inbox:
    """Looks like the queue that channels_redis keeps for a channel, and keeps nothing."""

    __slots__ = ("put_nowait",)

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self.put_nowait = deliver


RedisLayer.loop_layer = LoopLayer

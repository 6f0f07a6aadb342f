"""A process's one channel on the layer: which groups it is in, and what arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from realtime import metrics
from realtime.layer import Changed, Event, LoopLayer, Probe, Update, decode
from realtime.topics import Topic

#: Ours are an event's 8 KiB or an update, with little around it.
MAX_BYTES = 64 * 1024

T = TypeVar("T")


class Mailbox:
    """Joins and leaves topics' groups, and hands on each message that is one of ours."""

    def __init__(self, layer: LoopLayer, take: Callable[[Event | Update | Changed], None]) -> None:
        self._layer, self._take = layer, take
        self._loop = asyncio.get_running_loop()
        self._joined: dict[str, asyncio.Task[None]] = {}
        self._probes: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._channel = self._spawn(layer.open_channel(self.receive))

    async def join(self, topic: Topic) -> None:
        """Enter the topic's group; returns once the layer has confirmed it, or given up."""
        name = str(topic)
        task = self._joined.get(name)
        if task is None:
            task = self._joined[name] = self._spawn(self._enter(topic))
        try:
            await asyncio.shield(task)
        except Exception:
            self._joined.pop(name, None)  # the next to join tries again
            raise

    def leave(self, topic: Topic) -> bool:
        """Leave the topic's group; False while it is being entered."""
        task = self._joined.get(str(topic))
        if task is not None:
            if not task.done():
                return False
            del self._joined[str(topic)]
            self._spawn(self._layer.group_discard(topic.group, self._channel.result()))
        return True

    def receive(self, data: bytes) -> None:
        """Take one message of the layer; what is not ours is counted and ignored."""
        message = _ours(data)
        if message is None:
            metrics.unknown_messages.inc()
        elif isinstance(message, Probe):
            self._answer(message)
        else:
            self._take(message)

    async def probe(self) -> str:
        """Send a message to this very channel and wait for it; "" when it arrives."""
        nonce = uuid4().hex
        arrived = self._probes[nonce] = self._loop.create_future()
        try:
            channel = await asyncio.shield(self._channel)
            await self._layer.send(channel, {"type": "bellwire.probe", "nonce": nonce})
            await arrived
        finally:
            self._probes.pop(nonce, None)
        return ""

    def _answer(self, probe: Probe) -> None:
        if (arrived := self._probes.pop(probe.nonce, None)) is not None:
            arrived.set_result(None)

    async def _enter(self, topic: Topic) -> None:
        await self._layer.group_add(topic.group, await asyncio.shield(self._channel))

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _ours(data: bytes) -> Event | Update | Changed | Probe | None:
    """Read a message; None if it is none of ours, whoever sent it."""
    if len(data) > MAX_BYTES:
        return None
    try:
        message: Event | Update | Changed | Probe = decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(message, Event):
        is_placed, end = message.offset > 0, b',"offset":%d}}}' % message.offset
    elif isinstance(message, Update):
        is_placed, end = message.attempt > 0, b"}}}}"
    else:
        return message
    return message if is_placed and _is_push(message.frame, message.topic, end) else None


def _is_push(frame: bytes, topic: str, end: bytes) -> bool:
    """Tell whether a frame is one push of this topic, and ends as it must."""
    # A newline would make two messages of it.
    return frame.startswith(_start(topic)) and frame.endswith(end) and frame.find(10) < 0


@lru_cache(maxsize=4096)
def _start(topic: str) -> bytes:
    return b'{"push":{"channel":"%s","pub":{"data":{' % topic.encode()

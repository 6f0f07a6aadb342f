"""A hub on real Redis and a real log, and the tabs that listen to it, for tests."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import msgpack
import pytest
from django.db import connection, transaction

from realtime import log
from realtime.feed import Subscription
from realtime.hub import Hub
from realtime.layer import RedisLayer, group_name
from realtime.pool import ask
from realtime.protocol import publication
from realtime.topics import Topic

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)


class Tab:
    """A socket's place in one topic, and what was written to it."""

    def __init__(self) -> None:
        self.pushed: list[dict] = []
        self.ends: list[bytes] = []
        self.times_displaced = 0
        #: Set, it asks for no more than the next frame, until ``drain``.
        self.is_full = False
        self.waiting = []
        self.subscription = Subscription(
            self._write, self._displace, self.ends.append, self.waiting.append
        )

    async def join(self, hub, topic=ALICE, at=None):
        self.page = await hub.join(topic, self.subscription, at)
        return self.page

    async def listen(self, hub, topic=ALICE, at=None):
        await self.join(hub, topic, at)
        self.subscription.release()
        return self

    def drain(self):
        self.is_full = False
        for act in self.waiting:
            act()
        self.waiting.clear()

    @property
    def numbers(self):
        return [push["data"]["n"] for push in self.pushed]

    @property
    def offsets(self):
        return [push.get("offset", 0) for push in self.pushed]

    def _write(self, frame):
        self.pushed.append(json.loads(frame[frame.index(b'{"push"') :])["push"]["pub"])
        return not self.is_full

    def _displace(self):
        self.times_displaced += 1


class Count:
    """How often a metric has risen since the beginning of the test."""

    def __init__(self, counter):
        self._value, self._before = counter._value, counter._value.get()

    def __eq__(self, other):
        return self._risen == other

    def __gt__(self, other):
        return self._risen > other

    def __repr__(self):
        return repr(self._risen)

    @property
    def _risen(self):
        return self._value.get() - self._before


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


@asynccontextmanager
async def without_table(name):
    """Let every query of a table fail in this block."""
    await ask(rename_table, name, "away")
    try:
        yield
    finally:
        await ask(rename_table, "away", name)


def rename_table(old, new):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

"""Delivery in the tests' own process: names of its own on the session's Redis server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import pytest
import redis
from django.db import transaction

from realtime.pool import ask
from realtime.publish import publish
from realtime.topics import Topic
from tests.redis import RedisServer


class Wire:
    """What leaves this process for Redis, as another client of that server hears it."""

    def __init__(self, server: RedisServer, prefix: str) -> None:
        self.server, self.prefix = server, prefix
        self.redis = redis.Redis.from_url(server.url)
        self._ear = self.redis.pubsub(ignore_subscribe_messages=True)
        self._ear.psubscribe(f"{prefix}*")
        self.heard()

    def heard(self) -> list[tuple[str, bytes]]:
        """Give the ``(channel, message)`` pairs that were published since the last call."""
        end = f"{self.prefix}end"
        while not self.redis.publish(end, b""):
            pass
        found = []
        while (message := self._next()) and message["channel"] != end.encode():
            found.append((message["channel"].decode(), message["data"]))
        return found

    def close(self) -> None:
        self._ear.close()
        self.redis.close()

    def _next(self) -> dict[str, Any]:
        while (message := self._ear.get_message(timeout=5)) is None:
            pass
        return message


def use(settings: Any, server: RedisServer) -> str:
    """Let publisher and layer speak to this server, under a new prefix, which is returned."""
    prefix = f"test-{uuid.uuid4().hex[:8]}"
    settings.REDIS_URL, settings.REDIS_PREFIX = server.url, prefix
    config = {"hosts": [server.url], "prefix": prefix}
    backend = "realtime.layer.RedisLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": config}}
    return prefix


@pytest.fixture
def prefix(settings: Any, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix of the test's own, on the server that publisher and layer use."""
    # A busy machine must not be taken for a frozen server.
    monkeypatch.setattr("realtime.redis.TIMEOUT_SECONDS", 5)
    return use(settings, redis_server)


@pytest.fixture
def wire(prefix: str, redis_server: RedisServer) -> Iterator[Wire]:
    """What leaves for Redis."""
    wire = Wire(redis_server, prefix)
    yield wire
    wire.close()


@contextmanager
def undone(block: AbstractContextManager[Any]) -> Iterator[None]:
    """Enter a block, a transaction perhaps, that is left by an exception."""
    with suppress(ZeroDivisionError), block:
        yield
        raise ZeroDivisionError


async def say(topic: Topic, *numbers: int, ends: str = "") -> None:
    """Publish events that carry these numbers, one transaction each."""

    def publish_one(number: int) -> None:
        with transaction.atomic():
            publish(topic, "greeting", n=number, ends=ends)

    for number in numbers:
        await ask(publish_one, number)


async def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Let the loop run until the condition gives something true, and return that."""
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110 (there is no event)
            await asyncio.sleep(0.005)
    return found

"""A private Redis-compatible server on a Unix socket, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from tasks.testing import redis_server as servers
from tasks.testing.redis_server import RedisServer


def find_server() -> str:
    """Find a server's program; skips the test where there is none."""
    try:
        return servers.find_server()
    except servers.NoServer as error:
        pytest.skip(str(error))


def start_redis() -> Iterator[RedisServer]:
    """Run a server for as long as the generator is not closed."""
    find_server()
    with servers.running_server() as server:
        yield server


running_redis = contextmanager(start_redis)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server that the tests of a session share: keep to a prefix of your own."""
    yield from start_redis()


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A server of the test's own, to be frozen, killed and started again."""
    yield from start_redis()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """A client of the shared server."""
    with redis_server.client() as client:
        yield client

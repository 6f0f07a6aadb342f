"""Short synchronous Redis commands over one kept connection, behind one breaker.

With Redis dead or frozen a process loses at most one short timeout in any five seconds:
no retries, one connection, and while the breaker is open every call fails at once.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from realtime.conf import conf
from realtime.errors import RealtimeError

#: One connect and one reply are waited for, each this long: together below 0.5 s.
TIMEOUT_SECONDS = 0.2
#: How long the breaker stays open after a failure.
OPEN_SECONDS = 5.0


class RedisDown(RealtimeError):
    """Redis does not answer."""


class Link:
    """One process's connection to Redis and its circuit breaker; safe for threads."""

    def __init__(self, url: str) -> None:
        # redis-py's own retries turn a timeout of 0.5 s into 8.5 s against a frozen server.
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
        )
        self._lock = threading.Lock()
        self._connection: Any = None
        self._closed_until = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether the breaker is open: calls fail at once."""
        return time.monotonic() < self._closed_until

    def run(self, *commands: tuple[Any, ...]) -> list[Any]:
        """Send commands in one write and return their replies; RedisDown if that fails."""
        if self.is_open or not self._lock.acquire(timeout=TIMEOUT_SECONDS):
            raise RedisDown
        try:
            if self.is_open:
                raise RedisDown
            return self._run(commands)
        except ResponseError as error:
            # Redis answers, and says no: what it says further is owed to nobody any more.
            self._hang_up()
            raise RedisDown(str(error)) from error
        except (RedisError, OSError) as error:
            self._trip()
            raise RedisDown(str(error)) from error
        finally:
            self._lock.release()

    def _run(self, commands: tuple[tuple[Any, ...], ...]) -> list[Any]:
        if self._connection is None:
            self._connection = self._dial()
        elif self._is_stale():
            # The server was restarted while we were idle: that costs nothing, so dial anew.
            self._connection.disconnect()
            self._connection = self._dial()
        link = self._connection
        link.send_packed_command(link.pack_commands(commands), check_health=False)
        return [link.read_response() for _ in commands]

    def _dial(self) -> Any:
        connection = self._pool.make_connection()
        connection.connect()
        return connection

    def _is_stale(self) -> bool:
        try:
            # Nothing is owed to us between commands: readable means closed by the server.
            return bool(self._connection and self._connection.can_read(timeout=0))
        except (RedisConnectionError, RedisTimeout, OSError):
            return True

    def _trip(self) -> None:
        self._closed_until = time.monotonic() + OPEN_SECONDS
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None


_links: dict[str, Link] = {}


def link() -> Link:
    """Give this process's one link to ``REDIS_URL``."""
    url = conf.REDIS_URL
    found = _links.get(url)
    if found is None:
        found = _links.setdefault(url, Link(url))
    return found


def redis_command(*words: Any) -> Any:
    """Run one short command and return its reply; RedisDown when Redis does not answer."""
    return link().run(words)[0]


def redis_answers() -> str:
    """Check readiness: Redis answers a PING; "" when it does."""
    try:
        redis_command("PING")
    except RedisDown as error:
        return str(error)
    return ""


# A forked child must neither share its parent's connection nor inherit a held lock.
os.register_at_fork(after_in_child=_links.clear)

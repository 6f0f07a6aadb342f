"""What Redis remembers of a topic: one JSON value each, forgotten before any event of it is told.

Every event of a topic forgets its value, in the same write as, and before, its hint: there is
one place that forgets (``realtime.publish``) and one that stores (``read``). Who computes on a
miss holds a lease, and stores only if it still stands; forgetting takes the lease along, so
what was read before a commit is never stored after it (Nishtala et al., "Scaling Memcache at
Facebook", NSDI 2013, section 3.2.1).

Redis may be dead just when a commit ought to forget. So a value carries the position of its
topic, read before it was computed, and who knows a later position computes anew. Nobody needs
Redis to be right: without it, values are computed each time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from realtime import log, metrics
from realtime.conf import conf
from realtime.redis import RedisDown, link

#: Bounds how long a value is wrong for readers that know no position, if Redis lost a deletion.
EXPIRY_MS = 60_000
#: Longer than computing takes; then others may try.
LEASE_MS = 3_000
#: A larger value is computed each time: Redis is shared with what is told.
MAX_BYTES = 16 * 1024

Command = tuple[Any, ...]
Position = tuple[str, int]

_STORE = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1"
)


class _Entry(NamedTuple):
    """A value as of a position: what follows that position may be missing from it."""

    epoch: str
    offset: int
    value: Any


_decode = msgspec.json.Decoder(_Entry).decode


def read(topic: str, compute: Callable[[], Any], since: Position | None = None) -> Any:
    """Give a topic's value: from Redis, else from ``compute()``, which reads the database.

    The value is JSON. It has in it every event that the caller has heard of through Redis,
    and, with ``since`` (a position from ``log.position``), every event up to there, whatever
    became of Redis. Inside a transaction it is computed: that may see what nobody else does.
    Takes no longer than ``realtime.redis`` allows when Redis is away.
    """
    if connection.in_atomic_block:
        return compute()
    lease = b"L" + secrets.token_hex(16).encode()
    found = _ask(topic, lease)
    if found is not None and not found.startswith(b"L"):
        entry = _entry(found)
        if entry is not None and _is_fresh(entry, since):
            metrics.cache_reads.labels("hit").inc()
            return entry.value
        found = _ask(topic, lease, forget([topic]))
    metrics.cache_reads.labels("miss" if found is not None else "away").inc()
    if found != lease:  # somebody else is computing, or Redis is away
        return compute()
    # Before the value: what happens in between is in the value, and counted as later.
    epoch, offset = since or log.position(topic)
    value = compute()
    _store(topic, lease, _Entry(epoch, offset, value))
    return value


def forget(topics: Iterable[str]) -> list[Command]:
    """Give the commands that forget what is known of topics; send them before any hint."""
    return [("DEL", *(_key(topic) for topic in sorted(set(topics))))]


def _ask(topic: str, lease: bytes, before: list[Command] | None = None) -> bytes | None:
    """Take the lease if there is nothing, and give what is there; None if Redis is away."""
    key = _key(topic)
    commands = [*(before or []), ("SET", key, lease, "NX", "PX", LEASE_MS), ("GET", key)]
    try:
        found: bytes | None = link().run(*commands)[-1]
    except RedisDown:
        return None
    return found


def _store(topic: str, lease: bytes, entry: _Entry) -> None:
    content = msgspec.json.encode(entry)
    if len(content) > MAX_BYTES:
        return
    try:
        link().run(("EVAL", _STORE, 1, _key(topic), lease, content, EXPIRY_MS))
    except RedisDown:
        return


def _entry(content: bytes) -> _Entry | None:
    try:
        return _decode(content)
    except msgspec.MsgspecError:  # of another release, or not ours
        return None


def _is_fresh(entry: _Entry, since: Position | None) -> bool:
    if since is None:
        return True
    epoch, offset = since
    return entry.epoch == epoch and entry.offset >= offset


def _key(topic: str) -> str:
    return f"{conf.REDIS_PREFIX}:cache:{topic}"

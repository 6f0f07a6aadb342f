"""Which workers are alive: each main process says so in Redis while it consumes."""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import heartbeat_sent, worker_shutdown

from realtime.conf import conf
from realtime.redis import RedisDown, redis_command

logger = logging.getLogger(__name__)

#: Celery's heart beats every 2 s in the main process, and stops with the broker's connection.
EXPIRY_SECONDS = 15


def alive() -> list[str]:
    """Name the workers that were heard of in the last 15 s; RedisDown if nobody can tell."""
    prefix, names, cursor = _key(""), [], b"0"
    while True:
        cursor, keys = redis_command("SCAN", cursor, "MATCH", f"{prefix}*", "COUNT", 1000)
        names += [key.decode().removeprefix(prefix) for key in keys]
        if cursor == b"0":
            return sorted(set(names))


def check_worker() -> str:
    """Tell what is wrong with the workers, for the health check; "" if one is alive."""
    try:
        return "" if alive() else f"No worker was heard of in the last {EXPIRY_SECONDS} s."
    except RedisDown as error:
        return str(error)


@heartbeat_sent.connect(dispatch_uid="tasks.liveness")
def say_alive(sender: Any, **_: Any) -> None:
    """Say that this worker is alive, at each of its heartbeats."""
    _say("SET", _key(sender.eventer.hostname), b"1", "EX", EXPIRY_SECONDS)


@worker_shutdown.connect(dispatch_uid="tasks.liveness")
def say_gone(sender: Any, **_: Any) -> None:
    """Say that this worker goes, so that nobody counts on it for 15 s more."""
    _say("DEL", _key(sender.hostname))


def _say(*words: Any) -> None:
    try:
        redis_command(*words)
    except RedisDown as error:
        logger.debug("Nobody was told: %s", error, extra={"action": "worker.unheard"})


def _key(hostname: str) -> str:
    return f"{conf.REDIS_PREFIX}:worker:{hostname}"

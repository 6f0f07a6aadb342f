"""How the platform's processes are doing, as they tell staff themselves: topic ``ops:all``.

Each tells of itself every two seconds, as an update of which the newest wins. For a page that
is just opened Redis keeps what was told within ten minutes. All of it may be lost: nothing
depends on it, and nobody asks the database for it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time_ns
from typing import Any

import msgspec

from realtime import metrics, moments, permissions
from realtime.conf import conf
from realtime.layer import Update, encode, group_name
from realtime.protocol import publication
from realtime.redis import RedisDown, link
from realtime.topics import Topic

logger = logging.getLogger(__name__)

TOPIC = Topic("ops", "all")
#: So many of what a process told are kept: ten minutes of them.
KEPT, KEPT_MS = 300, 600_000
#: Who has told nothing for so long is taken to be silent.
SILENT_MS = 10_000
MAX_BYTES = 8 * 1024
#: Of so many processes a page is shown what they told, at most.
MAX_KEYS = 100

_Command = tuple[Any, ...]
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Report:
    """What one process tells: of one ``key`` the newest counts.

    ``passing`` names the fields of ``body`` that nobody wants to see again later.
    """

    key: str
    type: str
    body: dict[str, Any]
    passing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """What Redis remembers of one key: the last report, and the earlier ones in short."""

    key: str
    last: dict[str, Any]
    is_silent: bool
    history: list[dict[str, Any]]


def register() -> None:
    """Let staff hear the topic."""
    permissions.register(TOPIC.kind, _is_staff)


def tell(report: Report) -> bool:
    """Tell staff, and have Redis remember it, in one write; False if it was not taken."""
    n = time_ns() // 1_000_000
    at = moments.spell(datetime.fromtimestamp(n / 1000, UTC))
    said = {"v": 1, "type": report.type, **report.body, "at": at, "n": n}
    data = msgspec.json.encode(said)
    kept = msgspec.json.encode({k: v for k, v in said.items() if k not in report.passing})
    frame = publication(str(TOPIC), data)
    message = encode(Update(str(TOPIC), report.key, 1, n, frame))
    try:
        if len(data) > MAX_BYTES:
            raise RedisDown(f"{report.key} has {len(data)} bytes to tell")
        channel = group_name(conf.REDIS_PREFIX, TOPIC.group)
        link().run(*_remember(report.key, data, kept), ("PUBLISH", channel, message))
    except RedisDown as error:
        metrics.operations_dropped.inc()
        logger.debug("Nothing is told: %s", error, extra={"action": "operations.dropped"})
        return False
    return True


def read(*, with_history: bool = True) -> list[Told]:
    """Give what each process told within ten minutes; nothing while Redis is away.

    The histories are most of it: who does not show them leaves them out.
    """
    try:
        [members] = link().run(("SMEMBERS", _name("keys")))
        keys = sorted(member.decode() for member in members)
        if not keys:
            return []
        lasts, *lives = link().run(
            ("MGET", *(_name("last", key) for key in keys)),
            *(("PTTL", _name("last", key)) for key in keys),
        )
        found = [each for each in zip(keys, lasts, lives, strict=True) if each[1] is not None]
        if gone := set(keys) - {key for key, _, _ in found}:
            link().run(("SREM", _name("keys"), *gone))
        del found[MAX_KEYS:]
        pasts = _histories([key for key, _, _ in found]) if with_history else [()] * len(found)
    except RedisDown:
        return []
    told = (_told(*each, past) for each, past in zip(found, pasts, strict=True))
    return [each for each in told if each is not None]


def _histories(keys: Sequence[str]) -> Sequence[Sequence[bytes]]:
    return link().run(*(("LRANGE", _name("history", key), 0, -1) for key in keys))


def _remember(key: str, said: bytes, kept: bytes) -> list[_Command]:
    history = _name("history", key)
    return [
        ("SADD", _name("keys"), key),
        # Its time to live tells how long ago it was told, by one clock.
        ("SET", _name("last", key), said, "PX", KEPT_MS),
        ("RPUSH", history, kept),
        ("LTRIM", history, -KEPT, -1),
        ("PEXPIRE", history, KEPT_MS),
    ]


def _told(key: str, last: bytes, lives_ms: int, past: Sequence[bytes]) -> Told | None:
    try:
        is_silent = KEPT_MS - lives_ms > SILENT_MS
        return Told(key, _decode(last), is_silent, [_decode(each) for each in past])
    except msgspec.MsgspecError:  # not ours
        return None


def _name(*parts: str) -> str:
    return ":".join((conf.REDIS_PREFIX, "ops", *parts))


def _is_staff(user: Any, topic: Topic) -> bool:
    return topic == TOPIC and bool(getattr(user, "is_staff", False))

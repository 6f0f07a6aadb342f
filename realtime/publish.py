"""The one door out: ``publish`` an event (kept, told on commit), ``update`` (latest wins)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from realtime import cache, latency, log, metrics, moments
from realtime.conf import conf
from realtime.errors import NoTransaction, PayloadTooLarge
from realtime.history import Entry
from realtime.layer import Event, Update, encode, group_name
from realtime.protocol import publication
from realtime.redis import RedisDown, link
from realtime.topics import Topic

logger = logging.getLogger(__name__)

MAX_EVENT_BYTES = 8 * 1024
#: An event's type and body.
Told = tuple[str, dict[str, Any]]
#: Writes rows and gives the events that tell of it, if there is anything to tell.
Write = Callable[[], Iterable[Told]]
#: (topic, data, ends) of events that wait for the end of their batch; those of a write are not
#: known before.
_Waiting = list[tuple[str, str | Write, str]]
_batch: ContextVar[_Waiting | None] = ContextVar("batch", default=None)


def publish(topic: Topic, type: str, *, ends: str = "", **body: Any) -> None:
    """Append an event to the topic's log and tell of it once the transaction commits.

    Clients are sent ``{"v": 1, "type": type, **body, "at": …}``, at most 8 KiB, else
    PayloadTooLarge. ``ends`` names the key whose updates mean nothing after this event; it is
    in the event too, for whoever reads it from the log. Outside a transaction this is
    NoTransaction.
    """
    _add([(str(topic), _event(type, {**body, "ends": ends} if ends else body), ends)])


def publish_many(events: Sequence[tuple[Topic, str, dict[str, Any]]]) -> None:
    """Append several events, locking their streams in one order; else as ``publish``."""
    _add([(str(topic), _event(type_, body), "") for topic, type_, body in events])


def publish_late(topic: Topic, write: Write) -> None:
    """Write rows under the lock of the topic's stream, and append the events that tell of it.

    ``write`` is called once the lock is held, at the end of the batch if there is one. What it
    reads is all that was ever told of before, so an event may say how things stand: whoever
    writes certain rows in this way only has them in the order of their events. If it gives
    none, no offset is taken. It must not publish, nor lock what others hold while they publish.
    """
    _add([(str(topic), write, "")])


def update(
    topic: Topic,
    type: str,
    *,
    key: str,
    attempt: int,
    n: int,
    **body: Any,
) -> bool:
    """Tell the topic at once of something that is not kept; return whether Redis took it.

    It is at most 8 KiB, as an event is. Of the updates with one ``key`` the highest
    ``(attempt, n)`` wins, wherever they meet. Takes at most 0.5 s in any 5 s of a process, and
    raises nothing when Redis is away.
    """
    frame = publication(str(topic), _event(type, {**body, "n": n}).encode())
    return tell([(topic.group, encode(Update(str(topic), key, attempt, n, frame)))])


@contextmanager
def batch() -> Iterator[None]:
    """Open a transaction in which events wait for its end, to be appended in one order.

    Stream rows are so locked last, shortest and sorted, whatever receivers published.
    Inside another batch it is a ``savepoint`` of that one. An ``atomic()`` of the caller's own
    that is rolled back in here takes back its rows, but not what it published: use
    ``savepoint()`` there.
    """
    if _batch.get() is not None:
        with savepoint():
            yield
        return
    waiting: _Waiting = []
    with transaction.atomic():
        token = _batch.set(waiting)
        try:
            yield
        finally:
            _batch.reset(token)
        _append(waiting)


@contextmanager
def savepoint() -> Iterator[None]:
    """Roll back what the block wrote, and forget what it published, if it raises."""
    waiting = _batch.get()
    mark = len(waiting) if waiting is not None else 0
    try:
        with transaction.atomic():
            yield
    except BaseException:
        if waiting is not None:
            del waiting[mark:]
        raise


def _add(events: _Waiting) -> None:
    if not connection.in_atomic_block:
        raise NoTransaction
    waiting = _batch.get()
    if waiting is None:
        _append(events)
    else:
        waiting += events


def _append(events: _Waiting) -> None:
    events.sort(key=lambda event: event[0])
    known = _known(events)
    if not known:
        return
    entries = log.append_many((topic, data) for topic, data, _ in known)
    ends = [end for _, _, end in known]

    # A def, not a partial: Django logs a robust hook's __qualname__ when it fails.
    def tell_all() -> None:
        committed = latency.now()
        hints = [_hint(entry, end, committed) for entry, end in zip(entries, ends, strict=True)]
        tell(hints, first=cache.forget(entry.topic for entry in entries))

    transaction.on_commit(tell_all, robust=True)


def _known(events: _Waiting) -> list[tuple[str, str, str]]:
    """Have writes done, under the locks of all streams, and give what there is to append."""
    if any(not isinstance(data, str) for _, data, _ in events):
        log.lock(topic for topic, _, _ in events)
    known = []
    for topic, data, ends in events:
        told = [data] if isinstance(data, str) else [_event(*each) for each in data()]
        known += [(topic, text, ends) for text in told]
    return known


def _hint(entry: Entry, ends: str, committed: int) -> tuple[str, bytes]:
    frame = publication(entry.topic, entry.data.encode(), entry.offset)
    times = committed, latency.now()
    message = Event(entry.topic, entry.epoch, entry.offset, frame, ends, times)
    return Topic.parse(entry.topic).group, encode(message)


def tell(messages: list[tuple[str, bytes]], first: Sequence[cache.Command] = ()) -> bool:
    """Send encoded layer messages to groups at once; return whether Redis took them.

    In the same write and before them goes what must have happened when somebody hears of them.
    """
    hints = [("PUBLISH", group_name(conf.REDIS_PREFIX, g), m) for g, m in messages]
    try:
        link().run(*first, *hints)
    except RedisDown as error:
        # Nothing is lost: every process finds events by its position check.
        metrics.hints_dropped.inc(len(messages))
        logger.debug("Hints were dropped: %s", error, extra={"action": "publish.dropped"})
        return False
    return True


def _event(type_: str, body: dict[str, Any]) -> str:
    data = _encode({"v": 1, "type": type_, **body, "at": moments.spell(datetime.now(UTC))})
    if len(data) > MAX_EVENT_BYTES:
        raise PayloadTooLarge(f"{type_}: {len(data)} bytes")
    return data.decode()


def _encode(body: dict[str, Any]) -> bytes:
    return msgspec.json.encode(body)

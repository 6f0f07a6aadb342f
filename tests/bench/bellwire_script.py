"""Bellwire's messages and calls, made under its settings: one verb each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, product
from pathlib import Path

import django

django.setup()

import msgspec  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import transaction  # noqa: E402

from realtime import log  # noqa: E402
from realtime.history import Entry  # noqa: E402
from realtime.layer import Event, encode, group_name  # noqa: E402
from realtime.protocol import publication  # noqa: E402
from realtime.publish import publish, update  # noqa: E402
from realtime.topics import SITE, Topic  # noqa: E402
from tasks import jobs, wake  # noqa: E402
from tests.bench import stamps  # noqa: E402
from tests.bench.calls import mean_us  # noqa: E402
from tests.bench.errand.work import errand, stamped  # noqa: E402
from tests.bench.payload import JOB, command, event  # noqa: E402


def streams(sockets: str) -> None:
    """Begin everybody's stream, as the first visit does: a server that restarts finds them."""
    with transaction.atomic():
        for topic in (SITE, *_users(sockets)):
            log.position(str(topic))


def script(path: str, first: str, stop: str, all_: str, sockets: str) -> None:
    """Append a round's events to the log, and write the hints that ``publish`` would send."""
    topics = [SITE] if all_ == "all" else _users(sockets)
    numbers = range(int(first), int(stop))
    data = json.dumps(event(), separators=(",", ":"))
    with transaction.atomic():
        entries = log.append_many((str(topic), data) for topic in topics for _ in numbers)
    hints = {(entry.topic, entry.offset): _hint(entry) for entry in entries}
    in_turn = [hints[str(topic), number] for number in numbers for topic in topics]
    Path(path).write_bytes(msgspec.msgpack.encode(in_turn))


def _users(sockets: str) -> list[Topic]:
    return [Topic.of_user(pk) for pk in range(1, int(sockets) + 1)]


def _hint(entry: Entry) -> bytes:
    frame = publication(entry.topic, entry.data.encode(), entry.offset)
    message = encode(Event(entry.topic, entry.epoch, entry.offset, frame))
    group = group_name(settings.REDIS_PREFIX, Topic.parse(entry.topic).group)
    return command(b"PUBLISH", group.encode(), message)


def cost(calls: str) -> None:
    """Print the mean µs of an ``update``, and of a ``publish`` in a transaction of its own."""
    topic = Topic.of_user(1)
    numbers: Iterator[int] = iter(range(1, 1 << 30))

    def tell() -> None:
        update(topic, "job.progressed", key="bench", attempt=1, n=next(numbers), job=JOB)

    def keep() -> None:
        with transaction.atomic():
            publish(topic, "job.started", job=JOB)

    wall, cpu = mean_us(tell, int(calls))
    event_wall, _ = mean_us(keep, int(calls))
    print(json.dumps({"wall": wall, "cpu": cpu, "event": event_wall}))


def enqueue(count: str) -> None:
    """Fill the queue with jobs that do nothing, and see their wake-ups sent."""
    owners = cycle(User.objects.all())
    with transaction.atomic():
        for _ in range(int(count)):
            errand.enqueue(owner=next(owners))
    _flush()


def rate(calls: str) -> None:
    """Print the mean µs of recording a job in a transaction of its own, its wake-up included."""
    owners = cycle(User.objects.all())
    wall, cpu = mean_us(lambda: errand.enqueue(owner=next(owners)), int(calls), _flush)
    print(json.dumps({"wall": wall, "cpu": cpu}))


def pace(count: str) -> None:
    """Ask for jobs one by one and print their moments."""
    owner = User.objects.get(pk=1)
    print(json.dumps(stamps.ask(lambda n: stamped.enqueue(owner=owner, number=n), int(count))))


def renew(calls: str) -> None:
    """Print the mean µs of renewing, and of looking at, the lease of one attempt and of 64."""
    enqueue("64")
    claimed = [jobs.claim("bench", "bench") for _ in range(64)]
    tokens = [job.token for job in claimed if job is not None]
    answer = {}
    for verb, held in product((jobs.renew, jobs.look), (tokens[:1], tokens)):
        answer[f"{verb.__name__} {len(held)}"], _ = mean_us(partial(verb, held), int(calls))
    print(json.dumps(answer))


def _flush() -> None:
    if not wake.flush(60):
        raise SystemExit("Not all wake-ups were sent.")


VERBS: dict[str, Callable[..., None]] = {
    "streams": streams,
    "script": script,
    "cost": cost,
    "enqueue": enqueue,
    "rate": rate,
    "pace": pace,
    "renew": renew,
}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])

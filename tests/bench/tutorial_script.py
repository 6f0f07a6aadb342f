"""The tutorial's messages and calls, made under its settings: one verb each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from channels.layers import get_channel_layer  # noqa: TID251 (the tutorial does)

from tests.bench import stamps
from tests.bench.calls import mean_us
from tests.bench.payload import command, event
from tests.bench.tutorial import EVERYBODY, notify_user, stamped, work
from tests.bench.tutorial import enqueue as record


def script(path: str, first: str, stop: str, all_: str, sockets: str) -> None:
    """Write a round's commands as the layer's own ``group_send`` would send them."""
    layer = get_channel_layer()
    users = [f"user_{pk}" for pk in range(1, int(sockets) + 1)]
    groups = [EVERYBODY] if all_ == "all" else users
    commands = []
    for number in range(int(first), int(stop)):
        message = layer.serialize({"type": "notify", "message": event(seq=number)})
        commands += [command(b"PUBLISH", f"asgi__group__{g}".encode(), message) for g in groups]
    Path(path).write_bytes(msgspec.msgpack.encode(commands))


def cost(calls: str) -> None:
    """Print the mean µs of a call, by the wall clock and in CPU time."""
    message = event()
    wall, cpu = mean_us(lambda: notify_user(1, message), int(calls))
    print(json.dumps({"wall": wall, "cpu": cpu}))


def enqueue(count: str) -> None:
    """Fill the queue with jobs, which also tell their owner of it if ``telling``."""
    message = event() if os.environ["BENCH_MANNER"] == "telling" else None
    for _ in range(int(count)):
        work.delay(1, message)


def rate(calls: str) -> None:
    """Print the mean µs of recording a task and sending it, and of sending alone."""
    wall, cpu = mean_us(lambda: record(1, work), int(calls))
    bare, _ = mean_us(lambda: work.delay(1), int(calls))
    print(json.dumps({"wall": wall, "cpu": cpu, "bare": bare}))


def pace(count: str) -> None:
    """Ask for jobs one by one and print their moments."""
    print(json.dumps(stamps.ask(lambda number: stamped.delay(1, number), int(count))))


def pace_recorded(count: str) -> None:
    """Do the same with tasks that are recorded before they are sent."""
    print(json.dumps(stamps.ask(lambda number: record(1, stamped, number), int(count))))


VERBS: dict[str, Callable[..., None]] = {
    "script": script,
    "cost": cost,
    "enqueue": enqueue,
    "rate": rate,
    "pace": pace,
    "pace_recorded": pace_recorded,
}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])

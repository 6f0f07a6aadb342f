"""The tutorial's messages and calls, made under its settings: one verb each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from channels.layers import get_channel_layer  # noqa: TID251 (the tutorial does)

from tests.bench.payload import command, event
from tests.bench.tutorial import EVERYBODY, notify_user, work


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
    notify_user(1, message)
    began, spent = time.perf_counter(), time.process_time()
    for _ in range(int(calls)):
        notify_user(1, message)
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print(json.dumps({"wall": wall / int(calls) * 1e6, "cpu": cpu / int(calls) * 1e6}))


def enqueue(count: str, manner: str) -> None:
    """Fill the queue with jobs, which also tell their owner of it if ``telling``."""
    message = event() if manner == "telling" else None
    for _ in range(int(count)):
        work.delay(1, message)


VERBS: dict[str, Callable[..., None]] = {"script": script, "cost": cost, "enqueue": enqueue}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])

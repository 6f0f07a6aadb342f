"""The tutorial's side: stock Daphne from its command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench.children import Child, free_port, module
from tests.bench.lab import Lab
from tests.bench.side import Server


class Tutorial:
    """Channels, channels_redis' pub/sub layer, AuthMiddlewareStack, Daphne."""

    name = "tutorial"
    marker = "seq"
    hello: str | None = None
    join: str | None = None
    pace = 1

    def start(self, lab: Lab) -> Server:
        """Start Daphne with a fresh database."""
        port = free_port()
        cookies = lab.run(module("tests.bench.people", lab.scale.sockets), environment(lab))
        child = daphne(lab, self.name, port, environment(lab))
        return Server(
            child, f"ws://127.0.0.1:{port}/ws", f"http://127.0.0.1:{port}", cookies.split()
        )

    def write_script(self, lab: Lab, path: Path, numbers: range, all_: bool) -> None:
        """Write a round's commands."""
        kind = "all" if all_ else "users"
        places = (path, numbers.start, numbers.stop, kind, lab.scale.sockets)
        lab.run(module("tests.bench.tutorial_script", "script", *places), environment(lab))

    def publish_cost(self, lab: Lab, calls: int) -> dict[str, float]:
        """Measure ``async_to_sync(group_send)``."""
        argv = module("tests.bench.tutorial_script", "cost", calls)
        answer: dict[str, float] = json.loads(lab.run(argv, environment(lab)))
        return answer


def daphne(lab: Lab, name: str, port: int, env: Mapping[str, str]) -> Child:
    """Start one web process and wait until it listens."""
    program = str(Path(sys.executable).with_name("daphne"))
    child = lab.start(
        name,
        [program, "-b", "127.0.0.1", "-p", str(port), "tests.bench.tutorial:application"],
        cores={lab.server_core},
        env=env,
    )
    child.until_listening(port)
    return child


def environment(lab: Lab, synchronous: str = "NORMAL") -> dict[str, str]:
    """Name the tutorial's settings, database and Redis."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.bench.tutorial_settings",
        "BENCH_DATABASE": str(lab.folder / f"tutorial-{synchronous}.sqlite3"),
        "BENCH_REDIS": lab.redis_url(1),
        "BENCH_SYNCHRONOUS": synchronous,
    }

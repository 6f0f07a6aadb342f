"""Bellwire's side: one process of its fleet, started as a deployment starts it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench.children import Child, free_port, module
from tests.bench.lab import Lab
from tests.bench.side import Server


class Bellwire:
    """``manage.py serve``; its clients speak the client protocol."""

    name = "Bellwire"
    marker = "offset"
    hello: str | None = '{"id":1,"connect":{}}'
    join: str | None = '{"id":2,"subscribe":{"channel":"site:all"}}'
    pace = 12

    def start(self, lab: Lab) -> Server:
        """Start one web process with a fresh database."""
        port = free_port()
        sockets = lab.scale.sockets
        cookies = lab.run(module("tests.bench.people", sockets), environment(lab))
        lab.run(module("tests.bench.bellwire_script", "streams", sockets), environment(lab))
        child = serve(lab, self.name, port, environment(lab))
        url = f"ws://127.0.0.1:{port}/connection/websocket"
        return Server(child, url, f"http://127.0.0.1:{port}", cookies.split())

    def write_script(self, lab: Lab, path: Path, numbers: range, all_: bool) -> None:
        """Append a round's events and write the commands that tell of them."""
        kind = "all" if all_ else "users"
        places = (path, numbers.start, numbers.stop, kind, lab.scale.sockets)
        lab.run(module("tests.bench.bellwire_script", "script", *places), environment(lab))

    def publish_cost(self, lab: Lab, calls: int) -> dict[str, float]:
        """Measure ``update``, and ``publish`` in a transaction of its own."""
        argv = module("tests.bench.bellwire_script", "cost", calls)
        answer: dict[str, float] = json.loads(lab.run(argv, environment(lab)))
        return answer


def serve(lab: Lab, name: str, port: int, env: Mapping[str, str]) -> Child:
    """Start one web process and wait until it listens."""
    address = ["--bind", f"127.0.0.1:{port}", "--admin", str(lab.folder / "admin.sock")]
    child = lab.start(
        name,
        [sys.executable, "manage.py", "serve", "--name", "bench", *address],
        cores={lab.server_core},
        env=env,
    )
    child.until_listening(port)
    return child


def environment(lab: Lab, folder: str = "bellwire", redis_database: int = 5) -> dict[str, str]:
    """Name the settings, a folder for the data, which is made, and Redis."""
    (lab.folder / folder).mkdir(exist_ok=True)
    return {
        "DJANGO_SETTINGS_MODULE": "tests.bench.bellwire_settings",
        "SECRET_KEY": "benchmark-only-" + "0" * 40,
        "DATA_DIR": str(lab.folder / folder),
        "REDIS_URL": lab.redis_url(redis_database),
        "LOG_LEVEL": "WARNING",
    }

"""The floor: a server that does nothing else. Its figures are the load's ceiling."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import floor
from tests.bench.children import free_port, module
from tests.bench.lab import Lab
from tests.bench.payload import event
from tests.bench.side import Server

#: What our server writes around the data, so that the frames are of one size.
_FRAME = '{"push":{"channel":"user:1","pub":{"data":%s,"offset":%%d}}}'


class Floor:
    """Redis to socket, ready-made frames, by picows."""

    name = "floor"
    marker = "offset"
    hello: str | None = None
    join: str | None = None
    pace = 12

    def start(self, lab: Lab) -> Server:
        """Start it; it knows no users."""
        port = free_port()
        argv = module("tests.bench.floor", port, lab.redis_port)
        child = lab.start("floor", argv, cores={lab.server_core})
        child.until_listening(port)
        url = f"ws://127.0.0.1:{port}/{{index}}"
        return Server(child, url, f"http://127.0.0.1:{port}", ["none"] * lab.scale.sockets)

    def write_script(self, lab: Lab, path: Path, numbers: range, all_: bool) -> None:
        """Write a round's commands."""
        frame = _FRAME % json.dumps(event(), separators=(",", ":"))
        floor.write_script(path, numbers, all_, lab.scale.sockets, frame)

    def publish_cost(self, lab: Lab, calls: int) -> dict[str, float]:
        """It publishes nothing."""
        return {}

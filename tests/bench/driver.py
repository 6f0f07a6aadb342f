"""The benchmark's end of the line to its load process."""

from __future__ import annotations

import json
import select
from typing import Any

from tests.bench.children import Child, ChildFailed, module
from tests.bench.lab import Lab


class Driver:
    """Gives orders to one load process and takes its answers."""

    def __init__(self, lab: Lab, server_pid: int) -> None:
        pids = json.dumps({"server": server_pid, "redis": lab.redis_pid})
        argv = module("tests.bench.client", pids)
        self.child: Child = lab.start("client", argv, cores={lab.load_core}, talks=True)

    def order(self, name: str, within: float = 120, **arguments: Any) -> dict[str, Any]:
        """Have one order carried out; its answer comes in time or ChildFailed."""
        pipes = self.child.process
        assert pipes.stdin
        assert pipes.stdout
        pipes.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
        pipes.stdin.flush()
        ready, _, _ = select.select([pipes.stdout], [], [], within)
        line = pipes.stdout.readline() if ready else b""
        if not line:
            raise ChildFailed(f"the load process, asked to {name}:\n{self.child.tail()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the load process."""
        self.child.stop()

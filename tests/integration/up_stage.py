"""Runs the supervisor over a table of small stand-in programs: ``python -m … LOCK TABLE.json``.

The table is a list of stages, each a list of {"name", "code", "patience"}; ``code`` is Python.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from project.up.children import Children
from project.up.guard import Guard
from project.up.lock import Lock
from project.up.output import Output, logs_to
from project.up.program import Ending, Program
from project.up.supervisor import Supervisor


async def live(lock: Lock, stages: list[list[Program]]) -> None:
    """Run the stages as the platform runs its own."""
    output = Output()
    guard = Guard(lock.fileno())
    supervisor = Supervisor(Children({}, output, guard), output)

    async def bring_up() -> None:
        output.say(f"guard is {guard.pid}")
        for stage in reversed(stages):
            supervisor.start(stage)

    with logs_to(output):
        await supervisor.run(bring_up())
    guard.dismiss()
    output.say("Stopped.")
    output.close()


def program(name: str, code: str, patience: float) -> Program:
    """Make a stand-in of some Python."""
    return Program(name, (sys.executable, "-uc", code), (Ending(signal.SIGTERM, patience),))


if __name__ == "__main__":
    table = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    asyncio.run(
        live(Lock.take(Path(sys.argv[1])), [[program(**row) for row in stage] for stage in table])
    )

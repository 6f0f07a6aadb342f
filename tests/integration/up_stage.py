"""Runs the supervisor over a table of small stand-in programs: ``python -m … LOCK TABLE.json``.

The table is a list of stages, each a list of {"name", "code", "patience"}; ``code`` is Python, as
is ``following``, which a row may have for its successor.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from functools import partial
from pathlib import Path

from project.up.children import Children
from project.up.guard import Guard
from project.up.lock import Lock
from project.up.output import Output, logs_to
from project.up.program import Ending, Program
from project.up.reload import Report
from project.up.supervisor import Supervisor


async def live(lock: Lock, stages: list[list[Program]], report: Report) -> None:
    """Run the stages as the platform runs its own."""
    output = Output()
    guard = Guard(lock.fileno())
    supervisor = Supervisor(Children({}, output, guard), output, report)

    async def bring_up() -> None:
        output.say(f"guard is {guard.pid}")
        for stage in reversed(stages):
            supervisor.start(stage)

    with logs_to(output):
        await supervisor.run(bring_up())
    guard.dismiss()
    output.say("Stopped.")
    output.close()


def program(name: str, code: str, patience: float, following: str = "") -> Program:
    """Make a stand-in of some Python, and its successor if there is to be one."""
    endings = (Ending(signal.SIGTERM, patience),)
    successor = partial(program, f"{name}.2", following, patience) if following else None
    return Program(
        name, (sys.executable, "-uc", code), endings, leave=endings[0], successor=successor
    )


if __name__ == "__main__":
    table = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    asyncio.run(
        live(
            Lock.take(Path(sys.argv[1])),
            [[program(**row) for row in stage] for stage in table],
            Report(Path(sys.argv[2]).with_name("reload")),
        )
    )

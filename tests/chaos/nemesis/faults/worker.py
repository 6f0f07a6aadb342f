"""What happens to a worker; the target is its name."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from signal import SIGKILL

from tests.chaos import journal
from tests.chaos.harness.waiting import happens
from tests.chaos.nemesis.stage import Evidence, Stage
from tests.chaos.records import LEDGER_RECORDS, Started

#: How long it may take until one of its children runs a job.
BUSY_SECONDS = 60.0


async def kill(stage: Stage, target: str, seconds: float) -> Evidence:
    """Kill it with its children, and start it again after a while."""
    worker = stage.platform.named(target)
    old, code = worker.pid, await worker.kill()
    await asyncio.sleep(seconds)
    worker.start()
    return {"old": old, "new": worker.pid} if code == -SIGKILL and worker.pid != old else {}


async def kill_child(stage: Stage, target: str, seconds: float) -> Evidence:
    """Kill the process that is running a job."""
    worker, killed = stage.platform.named(target).pid, dict[str, int | str]()

    def strikes() -> bool:
        for start in _running(stage.platform.ledger):
            if _parent(start.pid) == worker:
                os.kill(start.pid, SIGKILL)
                killed.update(pid=start.pid, job=start.job)
                return True
        return False

    if await happens(strikes, BUSY_SECONDS):
        # A parent that has noticed has taken the child's remains away.
        await happens(lambda: _parent(int(killed["pid"])) != worker, 10)
    return killed


async def freeze(stage: Stage, target: str, seconds: float) -> Evidence:
    """Stop its clock for longer than a lease: its jobs are given to others, and it comes back."""
    worker = stage.platform.named(target)
    worker.freeze()
    try:
        is_stopped = await happens(lambda: worker.state == "T", 5)
        await asyncio.sleep(seconds)
    finally:
        worker.thaw()
    return {"pid": worker.pid, "state": "T", "seconds": seconds} if is_stopped else {}


def _running(ledger: Path) -> list[Started]:
    """Read which attempts have begun and not ended, the newest first."""
    lines = journal.read(ledger, *LEDGER_RECORDS)
    ended = {(line.job, line.attempt) for line in lines if not isinstance(line, Started)}
    begun = [line for line in lines if isinstance(line, Started)]
    return [line for line in reversed(begun) if (line.job, line.attempt) not in ended]


def _parent(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[1])

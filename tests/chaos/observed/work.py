"""A job that tells of itself in a ledger which neither Redis nor the database knows of."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from tasks.job import Run, job


@job()
def steps(job: Run, *, mark: str, steps: int = 2, seconds: float = 0.05) -> dict[str, int]:
    _tell("start", job, mark)
    for step in range(steps):
        time.sleep(seconds)
        job.progress(step + 1, steps, "step")
    _tell("end", job, mark)
    return {"attempt": job.attempt}


def _tell(op: str, job: Run, mark: str) -> None:
    line = {
        "t": time.monotonic(), "op": op, "job": str(job.id), "mark": mark,
        "attempt": job.attempt, "pid": os.getpid(),
    }  # fmt: skip
    with Path(os.environ["CHAOS_LEDGER"]).open("ab", buffering=0) as ledger:
        ledger.write(json.dumps(line).encode() + b"\n")

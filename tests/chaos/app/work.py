"""Jobs that tell of themselves in a ledger which neither Redis nor the database knows of."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

from django.db import transaction

from realtime.publish import publish
from realtime.topics import Topic
from tasks.job import Run, job

ATTEMPTS = 5
#: What a ``flood`` publishes at a time: less than is replayed at most.
EVENTS, EVENT_BYTES = 25, 7_000


@job(max_attempts=ATTEMPTS)
def steps(job: Run, *, mark: str, steps: int = 2, seconds: float = 0.05) -> dict[str, int]:
    """Take so many steps, each of so many seconds."""
    _tell("start", job, mark)
    for step in range(steps):
        time.sleep(seconds)
        job.progress(step + 1, steps, "step")
    _tell("end", job, mark)
    return {"attempt": job.attempt}


@job(max_attempts=ATTEMPTS, retry_on=(OSError,), notify=True)
def stumble(job: Run, *, mark: str) -> dict[str, int]:
    """Fail the first time, in a way that is worth another try."""
    _tell("start", job, mark)
    if job.attempt == 1:
        raise OSError("It stumbled.")
    _tell("end", job, mark)
    return {"attempt": job.attempt}


@job(max_attempts=2, notify=True)
def poison(job: Run, *, mark: str) -> None:
    """Kill the process that runs it, each time."""
    _tell("start", job, mark)
    os._exit(9)


@job(soft_time_limit=0.5, notify=True)
def late(job: Run, *, mark: str) -> None:
    """Take longer than it may."""
    _tell("start", job, mark)
    time.sleep(60)


@job(soft_time_limit=0.5, time_limit=2)
def stuck(job: Run, *, mark: str) -> None:
    """Take longer than it may in one call, which holds the interpreter's lock."""
    _tell("start", job, mark)
    sum(range(10**13))


@job(max_attempts=ATTEMPTS)
def regret(job: Run, *, mark: str) -> dict[str, int]:
    """Publish an event in a transaction that is rolled back."""
    _tell("start", job, mark)
    with contextlib.suppress(_Regretted), transaction.atomic():
        publish(Topic.of_user(job.owner_id), "chaos.regretted", mark=mark)
        raise _Regretted
    _tell("end", job, mark)
    return {"attempt": job.attempt}


@job(max_attempts=ATTEMPTS)
def flood(job: Run, *, mark: str, batches: int = 1, pause: float = 0.0) -> dict[str, int]:
    """Publish so many batches of 25 events of 7 KB each to its owner, with pauses (seconds)."""
    _tell("start", job, mark)
    for _ in range(batches):
        with transaction.atomic():
            for _ in range(EVENTS):
                publish(Topic.of_user(job.owner_id), "chaos.flooded", filler="x" * EVENT_BYTES)
        time.sleep(pause)
    _tell("end", job, mark)
    return {"attempt": job.attempt}


class _Regretted(Exception):
    """The transaction is not wanted any more."""


def _tell(op: str, job: Run, mark: str) -> None:
    line = {
        "t": time.monotonic(), "op": op, "job": str(job.id), "mark": mark,
        "attempt": job.attempt, "pid": os.getpid(),
    }  # fmt: skip
    with Path(os.environ["CHAOS_LEDGER"]).open("ab", buffering=0) as ledger:
        ledger.write(json.dumps(line).encode() + b"\n")

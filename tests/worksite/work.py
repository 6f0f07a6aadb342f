"""Jobs that do what a test needs to see."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import Group
from django.db import transaction

from realtime.inbox import notify
from tasks.errors import UserError
from tasks.job import Run, job


@job()
def nothing(job: Run) -> None:
    """End at once."""


@job()
def echo(job: Run, *, word: str) -> dict[str, Any]:
    job.progress(1, 1, word)
    return {"word": word}


@job()
def refuse(job: Run) -> None:
    raise UserError("The file has no columns.")


@job(max_attempts=2, retry_on=(OSError,))
def stumble(job: Run) -> dict[str, int]:
    if job.attempt == 1:
        raise OSError("the disk was away")
    return {"attempt": job.attempt}


@job(max_attempts=2)
def die_once(job: Run) -> dict[str, int]:
    if job.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": job.attempt}


@job()
def wait_for(job: Run, *, path: str) -> None:
    """Tell of progress until a file appears."""
    for step in range(10_000):
        job.progress(step, 10_000, "waiting")
        if Path(path).exists():
            return
        time.sleep(0.02)


@job()
def wait_in_transaction(job: Run, *, path: str) -> None:
    """Do the same inside one long transaction, which writes first of all."""
    with transaction.atomic():
        Group.objects.create(name="written by the job")
        wait_for(job, path=path)


@job(max_attempts=3)
def overwork(job: Run) -> None:
    """Take longer than it may, where ``JOB_SOFT_LIMIT_SECONDS`` is 1."""
    time.sleep(20)


@job()
def burst(job: Run, *, path: str) -> None:
    """Say a thousand things within a second or so, then nothing for a while."""
    for step in range(999):
        job.progress(step, 1000, "one of many")
        time.sleep(0.001)
    job.progress(1000, 1000, "last")
    time.sleep(1)


@job()
def wait_deaf(job: Run, *, path: str) -> None:
    """Do as ``wait_for``, and never look whether anybody wants it to stop."""
    for step in range(10_000):
        job.meter.record(step, 10_000, "deaf")
        if Path(path).exists():
            return
        time.sleep(0.02)


@job(max_attempts=2)
def die(job: Run) -> None:
    """End the process that runs it, each time."""
    os._exit(9)


@job()
def hog(job: Run) -> None:
    """Ask for more memory than there is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, hard))
    try:
        _ = b"x" * (8 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@job(soft_time_limit=1)
def spin(job: Run) -> None:
    """Never end."""
    while True:
        pass


@job(soft_time_limit=0.5, time_limit=2)
def spin_deaf(job: Run) -> None:
    """Never end, whatever it is told."""
    while True:
        with contextlib.suppress(SoftTimeLimitExceeded):
            while True:
                pass


@job(soft_time_limit=0.5, time_limit=3)
def hold_the_lock(job: Run) -> None:
    """Stay for hours in one call of C code, which holds the interpreter's lock."""
    sum(range(10**13))


@job(max_attempts=2)
def outlive(job: Run, *, path: str) -> dict[str, int]:
    """Wait for a file in the first attempt, which is to be lost; end at once in the second."""
    if job.attempt == 1:
        wait_for(job, path=path)
    return {"attempt": job.attempt}


@job(time_limit=2)
def nap_deaf(job: Run) -> None:
    """Sleep for a minute, whatever it is told."""
    time.sleep(60)


@job(queue="mail")
def post(job: Run) -> None:
    """Be of another queue than the rest."""


@job()
def beget(job: Run) -> None:
    """Enqueue another."""
    nothing.enqueue(owner=job.job.owner)


@job()
def compute(job: Run) -> int:
    """Compute for some 20 ms."""
    return sum(range(1_000_000))


@job()
def pause(job: Run) -> None:
    """Wait for 50 ms, as for an answer from a network."""
    time.sleep(0.05)


@job()
def talk(job: Run, *, end: str) -> None:
    """Come to an end as told, and say something last of all."""
    try:
        if end == "refuse":
            raise UserError("No.")
        if end == "overrun":
            time.sleep(20)
        while end == "cancel":
            job.check()
            time.sleep(0.01)
    finally:
        job.log(f"last words before {end}")


@job(soft_time_limit=1)
def talk_too_long(job: Run, *, end: str) -> None:
    """Do the same with little time."""
    talk(job, end=end)


@job(max_attempts=2)
def talk_and_die(job: Run, *, path: str) -> None:
    """Say something, wait for a file, and die at once; the second time only say something."""
    job.log(f"attempt {job.attempt}")
    if job.attempt == 1:
        wait_for(job, path=path)
        job.log("never written")
        os.kill(os.getpid(), signal.SIGKILL)


@job()
def talk_in_transaction(job: Run, *, path: str) -> None:
    """Say something before, in and after one long transaction."""
    job.log("before")
    with transaction.atomic():
        Group.objects.create(name="written by the job")
        job.log("inside")
        wait_for(job, path=path)
    job.log("after")


@job(name="<img src=x onerror=window.pwned=1>", notify=True)
def parrot(job: Run, *, said: str, path: str, fails: bool) -> dict[str, str]:
    """Say what it is told in every way a job can, before a file appears and as its end."""
    job.step(said)
    job.log(said)
    line = " ".join(said.splitlines())
    actions = [{"label": line[:40], "link": "/?q=javascript:alert(1)"}]
    notify(job.owner_id, line[:200], body=line[:1000], actions=actions)
    while not Path(path).exists():
        job.progress(1, 2, said)
        time.sleep(0.02)
    if fails:
        raise UserError(said)
    return {"said": said}


@job()
def speak_when_bidden(job: Run, *, path: str) -> None:
    """Say something once a file is there, and end once it is gone."""
    wait_for(job, path=path)
    job.log("I was bidden")
    while Path(path).exists():
        job.check()
        time.sleep(0.02)


@job()
def recite(job: Run, *, path: str) -> None:
    """Say each line of a file, and of what is added to it, until it is gone; "!" warns."""
    said = 0
    while Path(path).exists():
        job.check()
        lines = Path(path).read_text().splitlines()
        for line in lines[said:]:
            job.log(line, "warning" if line.endswith("!") else "info")
        said = len(lines)
        time.sleep(0.02)

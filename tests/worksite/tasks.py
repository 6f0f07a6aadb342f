"""Plain Celery tasks, as a team has them before it knows of the platform."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from celery import Task, shared_task


@shared_task
def add(a: int, b: int) -> int:
    return a + b


@shared_task
def divide(a: int, b: int) -> float:
    return a / b


@shared_task(bind=True, max_retries=5, default_retry_delay=0)
def retry_until(self: Task[Any, Any], attempt: int) -> int:
    if self.request.retries + 1 < attempt:
        raise self.retry(exc=OSError("the disk was away"))
    return self.request.retries + 1


@shared_task
def kill_own_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@shared_task(time_limit=1)
def sleep_long() -> None:
    time.sleep(60)


@shared_task
def wait_until(path: str) -> None:
    """End once a file is there."""
    while not Path(path).exists():
        time.sleep(0.02)


@shared_task
def touch(path: str) -> None:
    Path(path).touch()

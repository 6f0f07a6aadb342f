"""A Celery worker for one test: a process of its own on the test's database and Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from celery import current_app

from realtime.redis import RedisDown
from tasks import liveness, wake
from tasks.models import Job
from tasks.states import CLAIMABLE, State
from tasks.testing import settings
from tasks.testing.broker import use_own_broker
from tasks.testing.database import refuse_memory

T = TypeVar("T")

#: How long it may take to start on a machine that is busy, and to end what it runs.
START_SECONDS, STOP_SECONDS = 60.0, 10.0


class Worker:
    """One worker process, which serves all queues."""

    def __init__(self, log: Path) -> None:
        self.name = f"tests-{uuid.uuid4().hex[:8]}@localhost"
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.testing.worker_process", self.name],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )

        assert self.process.stdin is not None  # noqa: S101 (it was asked for)
        self._stdin = self.process.stdin

    @property
    def output(self) -> str:
        """What the worker has said."""
        return self._log.read_text(errors="replace")

    def wait_for(self, job: Job, seconds: float = 30) -> Job:
        """Wait until a job has come to its end, and return it as it is then.

        AssertionError, with what the worker said, if it has not after so many seconds.
        """

        def ended() -> Job | None:
            found = Job.objects.get(pk=job.pk)
            return found if State(found.state).is_final else None

        if (found := self._until(ended, seconds)) is None:
            raise AssertionError(f"{job.kind} did not end. The worker said:\n{self.output}")
        return found

    def become_ready(self) -> None:
        """Give it the test's settings and wait until it takes jobs.

        RuntimeError, with what it said, if it does not within a minute.
        """
        with suppress(BrokenPipeError):  # it has ended, and said why
            self._stdin.write(settings.give())
            self._stdin.flush()
        if not self._until(self._is_alive, START_SECONDS):
            raise RuntimeError(f"The worker of this test did not start. It said:\n{self.output}")

    def stop(self) -> None:
        """Let what runs end; kill all of it if that takes longer than ten seconds."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        with suppress(BrokenPipeError):
            self._stdin.close()

    def _is_alive(self) -> bool:
        with suppress(RedisDown):
            return self.name in liveness.alive()
        return False

    def _until(self, condition: Callable[[], T | None], seconds: float) -> T | None:
        """Wait for something true; None once the worker has ended, or the time is over."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        return found


@contextmanager
def running_worker(folder: Path) -> Iterator[Worker]:
    """Run a worker until the block ends; its output is in a file ``worker.log`` of the folder."""
    refuse_memory()
    with use_own_broker(current_app):
        worker = Worker(folder / "worker.log")
        try:
            worker.become_ready()
            _wake_what_waits()
            yield worker
        finally:
            worker.stop()
            sys.stdout.write(worker.output)  # pytest shows it where a test fails


def _wake_what_waits() -> None:
    """Have jobs run that were enqueued before: their messages went elsewhere."""
    waiting = Job.objects.filter(state__in=CLAIMABLE).values_list("queue", flat=True)
    for queue, count in Counter(waiting).items():
        wake.wake(queue, count)

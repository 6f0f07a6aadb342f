"""What a job's function is given: its own job, ways to tell how it goes, and its files."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from tasks import files
from tasks.board import Seat
from tasks.errors import JobCancelled, LeaseLost
from tasks.models import File, Job
from tasks.output import LEVELS, STEP, Output
from tasks.progress import Meter
from tasks.scribe import Scribe


class Run:
    """One attempt of one job, as its function sees it.

    ``progress()``, ``log()`` and ``check()`` touch memory only: the keeper, in its own thread
    and with its own connection, tells the world, and the warden asks whether the job is still
    wanted. So they may be called as often as one likes, also inside one long transaction.
    """

    def __init__(
        self, job: Job, seat: Seat | None = None, notice: Callable[[], None] = lambda: None
    ) -> None:
        self.job = job
        self.seat = seat  #: where the warden says whether it is to stop
        self.id, self.owner_id, self.kind, self.attempt = (
            job.pk,
            job.owner_id,
            job.kind,
            job.attempt,
        )
        self.meter = Meter()
        self.output = Output()
        self.scribe = Scribe(job, self.output)
        self.late_at = math.inf  #: when the soft time limit is over, by the monotonic clock
        self.lost = False  #: set by the keeper: another attempt has begun, or the job has ended
        self._notice = notice

    def progress(self, current: float, total: float | None = None, message: str = "") -> None:
        """Tell how far the job is: ``current`` of ``total`` steps and what it is doing.

        Numbers are finite and not negative, else ValueError; ``message`` is cut at 200
        characters. Raises as ``check()`` does.
        """
        self.meter.record(current, total, message)
        self._notice()
        self.check()

    def log(self, text: object, level: str = "info") -> None:
        """Add to the job's output what its owner may read: ``text``, each of its lines as one.

        ``level`` is debug, info, warning or error, anything else a ValueError; no text is an
        error. A line is cut at 2,000 characters, a job's output at 10,000 lines and 1 MiB. Never
        waits: lines are written twice a second, from at most 2,000 that wait in memory.
        """
        if level not in LEVELS:
            raise ValueError(f"log(): {level!a:.60} is none of {', '.join(LEVELS)}.")
        self._say(level, text)

    def step(self, name: object) -> None:
        """Begin a part of the work: a heading in the output, until the next or the end."""
        self._say(STEP, name)

    def check(self) -> None:
        """Raise JobCancelled if somebody has stopped the job, LeaseLost if it was taken over.

        Let both pass: they end the attempt. The answer is at most a second or so old. Where
        the soft time limit cannot interrupt (a pool of threads), SoftTimeLimitExceeded is
        raised here.
        """
        if self.lost or (self.seat and self.seat.is_lost):
            raise LeaseLost
        if self.seat and self.seat.is_cancelled:
            raise JobCancelled
        if time.monotonic() >= self.late_at:
            raise SoftTimeLimitExceeded

    def open(self, file_id: UUID) -> BinaryIO:
        """Open an upload of the job's owner for reading; any other is an InvalidFile."""
        return files.open_upload(self.owner_id, file_id)

    def file(self, file_id: UUID) -> File:
        """Give the row of an upload of the job's owner; any other is an InvalidFile."""
        return files.find_upload(self.owner_id, file_id)

    def create(self, name: str, content_type: str) -> AbstractContextManager[files.ResultFile]:
        """Give a binary file to write, which is one of the job's results after the block.

        Its ``saved`` is the File's row then; a block that raises leaves nothing behind.
        """
        return files.create(self.owner_id, self.id, name, content_type)

    def keep(self, content: bytes) -> dict[str, Any]:
        """Write a result that is too long for the row to a file, and give its link."""
        with self.create("result.json", "application/json") as file:
            file.write(content)
        return {"file": files.describe(file.saved)}

    def _say(self, level: str, said: object) -> None:
        self.output.add(level, said if isinstance(said, str) else _spelt(said))
        self._notice()


def _spelt(said: object) -> str:
    try:
        return str(said)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # what somebody else's object does must not end the job
        return f"<{type(said).__name__}, which does not say what it is>"

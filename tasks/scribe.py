"""The scribe: writes what a job's function says to the database, and tells its owner."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, transaction

from realtime import metrics
from tasks import announce, moves
from tasks.errors import LeaseLost
from tasks.models import Job, OutputLine
from tasks.output import CUT, Line, Output, fitted, size_of
from tasks.transient import again

logger = logging.getLogger(__name__)

#: How long the job's own thread waits for the keeper's to have written.
TURN_SECONDS = 5.0
#: How long the last lines are kept for a database that is away; the job's end waits with them.
FINISH_SECONDS = 60.0


class _Place(NamedTuple):
    """How much is written of a job: its last line's number, and the bytes of all."""

    n: int
    size: int


class Scribe:
    """Writes one attempt's lines: from the keeper's thread, and at the end from the job's own."""

    def __init__(self, job: Job, output: Output) -> None:
        self._job, self._output = job, output
        self._turn = threading.Lock()
        self._batch: list[Line] = []  # taken from the output, and not known to be written
        self._place: _Place | None = None  # where the batch goes; None: nobody has looked

    @property
    def has_work(self) -> bool:
        """Tell whether anything is to be written."""
        return bool(self._batch or len(self._output))

    def write(self) -> None:
        """Write what has been said, numbered without a gap, and tell the owner once that commits.

        LeaseLost if another attempt has begun or the job is at its end. After a database error
        the same lines are written by the next call, once, whatever became of the first.
        """
        if not self.has_work or not self._turn.acquire(timeout=TURN_SECONDS):
            return
        try:
            self._batch = self._batch or self._output.take()
            rows = self._stored()
        finally:
            self._turn.release()
        if rows and rows[-1].level == CUT:
            self._output.is_closed = True

    def finish(self) -> None:
        """Write what is left once the function is over; LeaseLost as for ``write``.

        What the database will not take is given up, counted and named in the log: the job's
        end matters more.
        """
        problem: object = "the keeper was still writing"
        try:
            for _ in range(2):  # what the keeper was refused, and what was said since
                again(self.write, FINISH_SECONDS)
        except (DatabaseError, InterfaceError) as error:
            problem = error
        if self.has_work:
            lost = len(self._batch) + len(self._output)
            metrics.lines_lost.inc(lost)
            words = "%s lines of job %s were lost: %s"
            logger.error(words, lost, self._job.pk, problem, extra={"action": "output.lost"})

    def _stored(self) -> list[OutputLine]:
        with transaction.atomic():
            self._hold()
            # Kept also if this fails: what is found at a second look may be our own.
            place = self._place = self._place or self._looked()
            lines = [] if self._output.is_closed else fitted(self._batch, *place)
            rows = [self._row(n, line) for n, line in enumerate(lines, place.n + 1)]
            # A try that was committed by a server that did not live to say so left the same.
            OutputLine.objects.bulk_create(rows, ignore_conflicts=True)
            if rows:
                transaction.on_commit(lambda: announce.logged(self._job, rows), robust=True)
        self._place = _Place(place.n + len(lines), place.size + sum(map(size_of, lines)))
        self._batch = []
        return rows

    def _hold(self) -> None:
        """Keep the attempt from being taken over while its lines are written."""
        mine = Job.objects.select_for_update(no_key=True).filter(**moves.held(self._job))
        if not mine.values_list("pk").first():
            raise LeaseLost

    def _looked(self) -> _Place:
        """Look what earlier attempts wrote; only a later attempt than the first needs to."""
        if self._job.attempt == 1:
            return _Place(0, 0)
        lines = OutputLine.objects.filter(job=self._job).order_by("n")
        said = list(lines.values_list("n", "level", "text"))
        if not said:
            return _Place(0, 0)
        self._output.is_closed = said[-1][1] == CUT
        return _Place(said[-1][0], sum(len(text.encode()) for _, _, text in said))

    def _row(self, n: int, line: Line) -> OutputLine:
        return OutputLine(
            job=self._job,
            n=n,
            attempt=self._job.attempt,
            at=datetime.fromtimestamp(line.at, UTC),
            level=line.level,
            text=line.text,
        )

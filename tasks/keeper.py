"""The keeper: a worker's second thread, with a database connection of its own.

While a job's function runs, the keeper shows its progress, writes it to the row, renews the
lease and asks whether the job is still wanted. It never uses the function's connection, so a
function inside one long transaction keeps its bar and can be stopped. A job that is over
before the keeper next looks costs it nothing.
"""

from __future__ import annotations

import copy
import logging
import os
import threading
import time
from uuid import UUID

from django.db import DatabaseError, connection

from tasks import announce, jobs
from tasks.errors import LeaseLost
from tasks.run import Run
from tasks.transient import is_transient

logger = logging.getLogger(__name__)

#: Updates go out at most this often, for every job; the last of a burst goes with the next.
TICK_SECONDS = 0.1
#: With no job in sight the keeper sleeps so long, or until a job tells of progress.
IDLE_SECONDS = 1.0
#: How often a job's row is read for a cancellation, or written with new progress.
LOOK_SECONDS = 1.0
#: How often the lease of 30 s is renewed.
RENEW_SECONDS = 5.0
#: SQLite has one writer: a function in a transaction must not hold up the keeper.
_PATIENCE = {
    "sqlite": "PRAGMA busy_timeout = 50",
    "postgresql": "SET lock_timeout = '250ms'; SET statement_timeout = '2s'",
}


class _Watch:
    """What the keeper knows of one running attempt."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.job = run.job
        self.shown = self.written = 0  #: which ``meter.n`` was sent, and which was stored
        now = time.monotonic()
        self.look_at, self.renew_at = now + LOOK_SECONDS, now + RENEW_SECONDS

    def tick(self) -> None:
        """Do what is due: show, then write or renew or look."""
        self._show()
        now = time.monotonic()
        if now < self.look_at or self.run.lost:
            return
        try:
            self._look(now)
        except LeaseLost:
            self.run.lost = True

    def _show(self) -> None:
        n = self.run.meter.n
        progress = self.run.meter.latest
        if n == self.shown or progress is None:
            return
        shown = copy.copy(self.job)
        shown.progress = progress.as_json()
        announce.progressed(shown, n)
        self.shown = n

    def _look(self, now: float) -> None:
        self.look_at = now + LOOK_SECONDS
        _be_impatient()
        n = self.run.meter.n
        if n == self.written and now < self.renew_at:
            self._see(jobs.look([self.job.token]))
            return
        try:
            self._write(n)
        except DatabaseError as error:
            if not is_transient(error):
                raise
            # The function's own transaction may hold SQLite's only write lock: reading goes
            # on, and so does the bar; the row is tried again at the next tick.
            self._see(jobs.look([self.job.token]))
            self.look_at = now
        else:
            self.written = n
            self.renew_at = now + RENEW_SECONDS

    def _write(self, n: int) -> None:
        progress = self.run.meter.latest
        is_new = progress is not None and n != self.written
        if progress is not None and is_new:
            self.job = jobs.beat(self.job, progress.as_json())
        self._see(jobs.renew([self.job.token]))

    def _see(self, running: dict[str, bool]) -> None:
        if self.job.token not in running:
            raise LeaseLost
        self.run.cancel_requested = running[self.job.token]


class Keeper:
    """The thread and the attempts that it watches; one per process."""

    def __init__(self) -> None:
        self._watches: dict[UUID, _Watch] = {}
        self._bell = threading.Event()
        self._is_idle = False
        self._thread: threading.Thread | None = None

    def watch(self, run: Run) -> None:
        """Look after an attempt until it is released."""
        self._watches[run.id] = _Watch(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="keeper", daemon=True)
            self._thread.start()

    def release(self, run: Run) -> None:
        """Leave an attempt alone: it is about to be settled."""
        self._watches.pop(run.id, None)

    def notice(self) -> None:
        """Hear that there is progress; wakes the thread only if it sleeps long."""
        if self._is_idle:
            self._bell.set()

    def _loop(self) -> None:
        while True:
            self._is_idle = not self._watches
            self._bell.wait(IDLE_SECONDS if self._is_idle else TICK_SECONDS)
            self._bell.clear()
            self._is_idle = False
            for watch in list(self._watches.values()):
                self._tick(watch)

    def _tick(self, watch: _Watch) -> None:
        try:
            watch.tick()
        except Exception:  # the thread's outermost loop: a keeper that ends loses every lease
            logger.exception("The keeper stumbled.", extra={"action": "keeper.failed"})
            connection.close()


def _be_impatient() -> None:
    """See that this thread's connection does not wait long for anybody's lock."""
    if connection.connection is None:
        with connection.cursor() as cursor:
            cursor.execute(_PATIENCE[connection.vendor])


_keeper = Keeper()


def watch(run: Run) -> None:
    """Look after a running attempt."""
    _keeper.watch(run)


def release(run: Run) -> None:
    """Leave an attempt alone."""
    _keeper.release(run)


def notice() -> None:
    """Hear of progress."""
    _keeper.notice()


def _forget() -> None:
    """Begin anew in a forked child: the thread is the parent's."""
    global _keeper
    _keeper = Keeper()


os.register_at_fork(after_in_child=_forget)

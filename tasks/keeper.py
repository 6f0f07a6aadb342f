"""The keeper: a second thread of each process that runs jobs, with a connection of its own.

While a job's function runs, the keeper shows its progress and writes it to the row, at most
once a second, and writes what it says, at most twice. It never uses the function's connection,
so a function inside one long transaction keeps its bar. A job that is over before the keeper
next looks costs it nothing.
"""

from __future__ import annotations

import copy
import logging
import os
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from tasks import announce, history, jobs
from tasks.errors import LeaseLost
from tasks.patience import impatient
from tasks.run import Run
from tasks.transient import is_transient

logger = logging.getLogger(__name__)

#: Updates go out at most this often, for every job; the last of a burst goes with the next.
TICK_SECONDS = 0.1
#: With no job in sight the keeper sleeps so long, or until a job tells of progress.
IDLE_SECONDS = 1.0
#: How often a job's row is written with new progress.
WRITE_SECONDS = 1.0
#: How often what it has said is written.
LOG_SECONDS = 0.5


class _Watch:
    """What the keeper knows of one running attempt."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.job = run.job
        self.shown = self.written = 0  #: which ``meter.n`` was sent, and which was stored
        self.log_at = time.monotonic() + LOG_SECONDS
        self.write_at = time.monotonic() + WRITE_SECONDS
        history.remind(run.meter, run.kind)

    def tick(self) -> None:
        """Do what is due: show, then write."""
        self._show()
        if self.run.lost:
            return
        try:
            if time.monotonic() >= self.log_at:
                self._log()
            if time.monotonic() >= self.write_at:
                self._write()
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

    def _log(self) -> None:
        self.log_at = time.monotonic() + LOG_SECONDS
        if self.run.scribe.has_work:
            _while_it_is_free(self.run.scribe.write)

    def _write(self) -> None:
        n = self.run.meter.n
        progress = self.run.meter.latest
        if n == self.written or progress is None:
            return

        def beat() -> None:
            history.tell(self.run.meter, self.run.kind)
            self.job = jobs.beat(self.job, progress.as_json())
            self.written = n
            self.write_at = time.monotonic() + WRITE_SECONDS

        _while_it_is_free(beat)


def _while_it_is_free(write: Callable[[], None]) -> None:
    # The function's own transaction may hold SQLite's only write lock: the bar goes on, and
    # what was to be written is tried again at a later tick.
    try:
        with impatient():
            write()
    except (DatabaseError, InterfaceError) as error:
        if not is_transient(error):
            raise


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
        except BaseException:  # the thread's outermost loop: one that ends shows nothing more
            logger.exception("The keeper stumbled.", extra={"action": "keeper.failed"})
            connection.close()


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

"""The warden: one thread of a worker that looks after all of its attempts.

It renews their leases, hears who is to stop, and ends by force what does not end by itself.
In a prefork worker it runs in the main process, where no job's code does: a C function that
holds the interpreter's lock silences every thread of its own process, but not this one.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection

from realtime import metrics
from tasks import interventions, jobs
from tasks.board import Board, Entry
from tasks.fork_guard import no_fork
from tasks.models import Job
from tasks.patience import impatient
from tasks.states import State
from tasks.transient import is_transient

logger = logging.getLogger(__name__)

#: How often it looks who is to stop and what has died.
LOOK_SECONDS = 1.0
#: How often leases are renewed before they are over: every 5 s of 30.
RENEWALS = 6
#: How long an attempt that was taken over gets to notice.
LOST_GRACE_SECONDS = 10.0

#: What becomes of a job whose process has ended: lost, timed out, cancelled. Each gives the
#: job as it is then, or None if the attempt had ended before.
Verdict = Callable[[Job, str], Job | None]


@dataclass(frozen=True, slots=True)
class Processes:
    """A pool of processes that can be killed one by one; ``pids`` gives the living."""

    pids: Callable[[], Collection[int]]


class Warden:
    """Looks after what is on a board; without ``processes`` it can ask, but not force."""

    def __init__(self, board: Board, name: str, processes: Processes | None = None) -> None:
        self._board, self._name, self._processes = board, name, processes
        self._renew_at = 0.0
        #: Since when attempts have been asked to stop, or are not the newest any more.
        self._asked: dict[Entry, float] = {}
        #: Attempts whose process was killed, and what is to become of their jobs.
        self._verdicts: dict[Entry, Verdict] = {}

    def start(self) -> None:
        """Look from now on, as a daemon: a worker that stops still waits for its jobs."""
        threading.Thread(target=self._loop, name="warden", daemon=True).start()

    def look(self) -> None:
        """Look once; raises DatabaseError if the database is away."""
        entries = list(self._board.entries())
        if not entries and not self._verdicts:
            return  # an idle worker asks the database nothing
        living = self._find_dead(entries)
        self._enforce_limits(living)
        with no_fork():
            try:
                with impatient():
                    self._hear(living)
                    self._pass_verdicts()
            except (DatabaseError, InterfaceError) as error:
                if not is_transient(error):
                    raise
                self._renew_at = 0.0
                connection.close_if_unusable_or_obsolete()

    def _loop(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                self.look()
            except BaseException:  # the thread's outermost loop: one that ends loses every lease
                logger.exception("The warden stumbled.", extra={"action": "warden.failed"})
                connection.close()

    def _find_dead(self, entries: list[Entry]) -> list[Entry]:
        """Note whose process has died without a word; return the others."""
        self._asked = {entry: since for entry, since in self._asked.items() if entry in entries}
        if self._processes is None:
            return entries
        pids = set(self._processes.pids())
        for entry in entries:
            if entry.pid not in pids and self._board.holds(entry):
                self._verdicts.setdefault(entry, _lost)
        return [entry for entry in entries if entry not in self._verdicts]

    def _enforce_limits(self, entries: list[Entry]) -> None:
        now = time.monotonic()
        for entry in entries:
            if now >= entry.kill_at:
                self._kill(entry, interventions.time_out)

    def _hear(self, entries: list[Entry]) -> None:
        """Renew or look, and tell those who are to stop; who does not is killed after a grace."""
        entries = [entry for entry in entries if entry not in self._verdicts]
        tokens = [entry.token for entry in entries]
        now = time.monotonic()
        running = self._renew(tokens) if now >= self._renew_at else jobs.look(tokens)
        for entry in entries:
            if entry.token not in running:
                self._board.lost[entry.slot] = entry.turn
                self._press(entry, LOST_GRACE_SECONDS, _nothing)
            elif running[entry.token]:
                self._board.cancelled[entry.slot] = entry.turn
                self._press(entry, interventions.grace_seconds(), interventions.stop)

    def _renew(self, tokens: list[str]) -> dict[str, bool]:
        try:
            running = jobs.renew(tokens)
        except (DatabaseError, InterfaceError) as error:
            if not is_transient(error):
                raise
            # Who may not write, as a function's long transaction has SQLite's lock, may read.
            return jobs.look(tokens)
        self._renew_at = time.monotonic() + jobs.lease_seconds() / RENEWALS
        return running

    def _press(self, entry: Entry, grace: float, verdict: Verdict) -> None:
        now = time.monotonic()
        if now - self._asked.setdefault(entry, now) >= grace:
            self._kill(entry, verdict)

    def _kill(self, entry: Entry, verdict: Verdict) -> None:
        """End the process that runs this attempt, and only while it does.

        It is held still first, so that it cannot have gone on to another job when it dies.
        """
        if self._processes is None or entry.pid not in self._processes.pids():
            return
        try:
            os.kill(entry.pid, signal.SIGSTOP)
            if not self._board.holds(entry):
                os.kill(entry.pid, signal.SIGCONT)
                return
            os.kill(entry.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it died by itself: the next look finds it
        self._verdicts[entry] = verdict
        logger.warning(
            "The process of job %s was killed.", entry.job_id, extra={"action": "job.killed"}
        )

    def _pass_verdicts(self) -> None:
        for entry, verdict in list(self._verdicts.items()):
            found = Job.objects.filter(pk=entry.job_id, state=State.RUNNING, token=entry.token)
            for job in found:
                verdict(job, self._name)
            self._board.clear(entry)
            del self._verdicts[entry]


_here: Warden | None = None


def start_here(board: Board) -> None:
    """Look after a process that has a board of its own, once: it can be asked, not forced."""
    global _here
    if _here is None:
        _here = Warden(board, f"{socket.gethostname()}/{os.getpid()}")
        _here.start()


def _lost(job: Job, by: str) -> Job | None:
    lost = interventions.lose(job, by)
    if lost is not None:
        metrics.leases_lost.inc()
        logger.warning("The process of job %s died.", job.pk, extra={"action": "job.lost"})
    return lost


def _nothing(job: Job, by: str) -> Job | None:
    """Leave a job to whoever has taken it over."""
    return None

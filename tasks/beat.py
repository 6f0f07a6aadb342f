"""Celery's beat as we run it: it records a job for each due slot, in the database, and that is all.

Any number of beats may run. Of a slot's job there is one row, and the schedule moves on with it
in one transaction, so no slot runs twice or is lost, whoever dies in between. Redis is not asked.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from celery.beat import Scheduler
from django.contrib.auth import get_user_model
from django.db import close_old_connections
from django.db.models import F
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from realtime.publish import batch
from tasks import job, jobs, timetable
from tasks.due import HOLD, due
from tasks.models import Schedule
from tasks.options import Options
from tasks.schedule import Entry
from tasks.transient import again, is_transient

logger = logging.getLogger(__name__)

#: How soon an administrator's change is seen, at the latest.
LOOK_SECONDS = 5.0
#: After a look that failed: the database is away, perhaps.
PAUSE_SECONDS = 1.0


class SlotScheduler(Scheduler):
    """What ``celery beat`` asks at every tick. It keeps no file and sends no message."""

    def setup_schedule(self) -> None:
        """Begin to look; Celery's own table is not read."""
        self._clerk = Clerk(timezone.now())
        if self.app.conf.beat_schedule:
            logger.error(
                "CELERY_BEAT_SCHEDULE is not read here; declare it with tasks.schedule.",
                extra={"action": "schedule.ignored"},
            )

    def tick(self, *_: Any, **__: Any) -> float:
        """Do what is due; return in how many seconds to come again, at most 5."""
        try:
            soonest = self._clerk.look(timezone.now())
        except Exception:  # the process's outermost loop: the next look may succeed
            logger.exception("A look at the schedules failed.", extra={"action": "beat.failed"})
            return PAUSE_SECONDS
        finally:
            close_old_connections()
        if soonest is None:
            return LOOK_SECONDS
        return max(0.0, min(LOOK_SECONDS, (soonest - timezone.now()).total_seconds()))

    @property
    def info(self) -> str:
        return "    . slots -> the database"


class Clerk:
    """Looks after all schedules since ``began``, and remembers what it has complained of."""

    def __init__(self, began: datetime) -> None:
        self.began = began
        self._told: set[tuple[str, str]] = set()

    def look(self, now: datetime) -> datetime | None:
        """Do what is due at ``now``, and tell when something is due next; None for never.

        A schedule that cannot be followed is logged once and does not stop the others.
        Transient database errors pass: nothing is lost by looking again.
        """
        listed = timetable.entries()
        since = timetable.read(listed, now)
        times = [self._follow(entry, since.get(entry.name, now), now) for entry in listed]
        return min((time for time in times if time is not None), default=None)

    def _follow(self, entry: Entry, since: datetime, now: datetime) -> datetime | None:
        if entry.slots is None:
            self._complain(entry, entry.problem)
            return None
        try:
            found = due(entry.slots, since, now, self.began, entry.missed)
            soonest = entry.slots.next_after(now)
        except (ValueError, OverflowError) as error:  # beyond the year 9999
            self._complain(entry, str(error))
            return None
        if found.skipped is not None:
            self._skip(entry, found.skipped)
        for slot in found.run:
            _try(entry, slot)
        return min(filter(None, (soonest, self._held_until(entry, since, now))), default=None)

    def _held_until(self, entry: Entry, since: datetime, now: datetime) -> datetime | None:
        first = entry.slots.next_after(since) if entry.slots else None
        is_held = first is not None and first <= self.began and now < self.began + HOLD
        return self.began + HOLD if is_held else None

    def _skip(self, entry: Entry, slot: datetime) -> None:
        if _advance(entry, slot):
            logger.warning(
                "%s: what was missed up to %s is skipped.",
                *(entry.name, slot),
                extra={"action": "schedule.skipped"},
            )

    def _complain(self, entry: Entry, problem: str) -> None:
        if (entry.name, problem) not in self._told:
            self._told.add((entry.name, problem))
            logger.error(
                "%s is not followed: %s",
                *(entry.name, problem),
                extra={"action": "schedule.refused"},
            )


def fire(entry: Entry, slot: datetime) -> bool:
    """Record the job of a slot and move the schedule on, in one transaction.

    False, and nothing is written, if somebody else has done it. UnknownKind, InvalidArguments
    and whatever else ``jobs.enqueue`` raises.
    """

    def transition() -> bool:
        with batch():
            if not _advance(entry, slot) or not _count(entry):
                return False
            owner = None if entry.owner is None else get_user_model().objects.get(**entry.owner)
            options = Options(
                by=f"schedule: {entry.name}",
                schedule=entry.name,
                slot=slot,
                priority=entry.priority,
            )
            jobs.enqueue(job.find(entry.kind), owner, entry.arguments, options)
        return True

    return again(transition)


def _try(entry: Entry, slot: datetime) -> None:
    """Fire, or log why not and let this slot go: the next one gets another chance."""
    try:
        fire(entry, slot)
    except Exception as error:  # one schedule's mistake must not stop the others
        if is_transient(error):
            raise
        again(lambda: _advance(entry, slot))
        logger.exception(
            "%s: there is no job for the slot %s.",
            *(entry.name, slot),
            extra={"action": "schedule.failed"},
        )


def _advance(entry: Entry, slot: datetime) -> bool:
    """Move a schedule on to a slot; False if it is there or further already."""
    behind = Schedule.objects.filter(name=entry.name, last_slot__lt=slot)
    return bool(behind.update(last_slot=slot))


def _count(entry: Entry) -> bool:
    """Count a run in the administrator's row, and end a one-off; False if it is disabled by now.

    So of several slots of a one-off one runs, whichever beat has it first.
    """
    if entry.row is None:
        return True
    enabled = PeriodicTask.objects.filter(pk=entry.row, enabled=True)
    changes = {"last_run_at": timezone.now(), "total_run_count": F("total_run_count") + 1}
    if entry.is_one_off:
        changes["enabled"] = False
    return bool(enabled.update(**changes))

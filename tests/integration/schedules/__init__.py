"""Schedules, and the slots that had their job: what the tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django_celery_beat.models import IntervalSchedule, PeriodicTask

from tasks.models import Job

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def plan(name="a", *, changed=0, every=60, **fields) -> PeriodicTask:
    """An administrator's schedule, last changed ``changed`` seconds after noon."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=every, period="seconds")
    given = {"task": "tally", "interval": interval, **fields}
    row = PeriodicTask.objects.create(name=name, **given)
    PeriodicTask.objects.filter(pk=row.pk).update(date_changed=at(changed))
    return row


def slots(name: str) -> list[datetime]:
    return list(Job.objects.filter(schedule=name).order_by("slot").values_list("slot", flat=True))

"""The timetable: every schedule, the code's and the administrators', and how far each has come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django_celery_beat.models import PeriodicTask

from tasks import schedule
from tasks.announce import moment
from tasks.due import Missed, upcoming
from tasks.models import Schedule
from tasks.schedule import Entry
from tasks.slots import Between, Every, Once, Slots

SHOWN_RUNS = 3


def entries(*, also_disabled: bool = False) -> list[Entry]:
    """Give the code's schedules and the administrators' enabled ones, or all of theirs."""
    rows = PeriodicTask.objects.select_related("interval", "crontab", "clocked").order_by("name")
    if not also_disabled:
        rows = rows.filter(enabled=True)
    return [*schedule.registry.values(), *map(of_row, rows)]


def of_row(row: PeriodicTask) -> Entry:
    """Read what an administrator set; what makes no sense has a ``problem`` and no slots."""
    slots: Slots | None
    try:
        slots, problem = _slots_of(row), ""
        arguments, headers = _object(row.kwargs, "arguments"), _object(row.headers, "headers")
        missed = Missed(headers.get("missed", Missed.ONCE))
    except (ValueError, OverflowError) as error:
        slots, problem = None, str(error)
        arguments, headers, missed = {}, {}, Missed.ONCE
    owner = headers.get("owner")
    return Entry(
        name=row.name,
        kind=row.task,
        slots=slots,
        missed=missed,
        arguments=arguments,
        owner=None if owner is None else {"pk": owner},
        priority=row.priority,
        counts_from=row.date_changed,
        row=row.pk,
        is_one_off=row.one_off,
        is_enabled=row.enabled,
        problem=problem,
    )


def read(listed: Iterable[Entry], now: datetime) -> dict[str, datetime]:
    """Tell since when each schedule's slots count; one seen for the first time is written down.

    The code's counts from ``now`` then, an administrator's from when it was saved, and again
    from then whenever it is changed.
    """
    known = last_slots()
    followed = [entry for entry in listed if entry.slots is not None]
    new = [
        Schedule(name=entry.name, last_slot=entry.counts_from or now)
        for entry in followed
        if entry.name not in known
    ]
    if new:  # another beat may be doing the same
        Schedule.objects.bulk_create(new, ignore_conflicts=True)
        known = last_slots()
    return {entry.name: since(entry, known[entry.name]) for entry in followed}


def since(entry: Entry, last_slot: datetime) -> datetime:
    """Give the moment after which the slots of a schedule count."""
    return max(last_slot, entry.counts_from or last_slot)


def last_slots() -> dict[str, datetime]:
    """Tell how far every schedule has come."""
    return dict(Schedule.objects.values_list("name", "last_slot"))


def next_runs(entry: Entry, now: datetime, count: int = SHOWN_RUNS) -> list[datetime]:
    """Give the next moments at which a schedule is due; none if it is disabled or has ended."""
    if entry.slots is None or not entry.is_enabled:
        return []
    return upcoming(entry.slots, now, 1 if entry.is_one_off else count)


def describe(entry: Entry, last_slot: datetime | None, now: datetime) -> dict[str, Any]:
    """Give a schedule as JSON; times are ISO 8601 in UTC, ``problem`` is "" or a sentence."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "source": "code" if entry.row is None else "admin",
        "when": "" if entry.slots is None else str(entry.slots),
        "missed": str(entry.missed),
        "enabled": entry.is_enabled,
        "last_slot": moment(last_slot),
        "next": [moment(slot) for slot in next_runs(entry, now)],
        "problem": entry.problem,
    }


def _slots_of(row: PeriodicTask) -> Slots:
    if row.name in schedule.registry:
        raise ValueError("A schedule of the code has this name already.")
    if row.interval is not None:
        seconds = timedelta(**{row.interval.period: row.interval.every}).total_seconds()
        return Between(Every(seconds, row.start_time), end=row.expires)
    if row.crontab is not None:
        return Between(_cron_of(row.crontab), row.start_time, row.expires)
    if row.clocked is not None:
        return Between(Once(row.clocked.clocked_time), row.start_time, row.expires)
    raise ValueError("It needs an interval, a crontab or a clocked time; the sun is not followed.")


def _cron_of(row: Any) -> Slots:
    words = (row.minute, row.hour, row.day_of_month, row.month_of_year, row.day_of_week)
    line = " ".join(str(word).replace(" ", "") for word in words)
    return schedule.cron(line, str(row.timezone))


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"The {what} are not a JSON object.")  # noqa: TRY004 (of a text's content)
    return found

"""``schedule()``: how the code says what runs when, beside its jobs, in an app's ``work`` module.

schedule("nightly report", report, cron("30 2 * * mon-fri", "Europe/Berlin"))
schedule("fetch the rates", fetch, Every(600), missed="skip", arguments={"currency": "EUR"})

Administrators add theirs in the admin; ``tasks.timetable`` reads both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.schedules import ParseException, crontab_parser
from django.contrib.auth import get_user_model

from tasks.due import Missed
from tasks.job import JobFunction
from tasks.slots import Between, Cron, Every, Once, Slots

__all__ = ["Between", "Cron", "Entry", "Every", "Missed", "Once", "cron", "registry", "schedule"]

MAX_NAME = 200
#: Name, how many values, and the first, of the five fields in their order.
_FIELDS = (
    *(("minute", 60, 0), ("hour", 24, 0), ("day of the month", 31, 1)),
    *(("month", 12, 1), ("day of the week", 7, 0)),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One schedule, whoever declared it: what runs when, for whom."""

    name: str
    kind: str
    slots: Slots | None  #: None if it makes no sense; ``problem`` says why
    missed: Missed = Missed.ONCE
    arguments: Mapping[str, Any] = field(default_factory=dict)
    owner: Mapping[str, Any] | None = None  #: how to look the user up; None is the site itself
    priority: int | None = None
    counts_from: datetime | None = None  #: no slot up to then is meant
    row: int | None = None  #: the administrator's PeriodicTask
    is_one_off: bool = False
    is_enabled: bool = True
    problem: str = ""


#: What the code declared, by name.
registry: dict[str, Entry] = {}


def schedule(  # noqa: PLR0913 (all but what, whose and when by name)
    name: str,
    function: JobFunction,
    slots: Slots,
    *,
    missed: str = "once",
    owner: str | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Entry:
    """Have a job enqueued at each of these slots, under a name of at most 200 characters.

    ``owner`` is a username; without one the job is the site's own. ``missed`` says what becomes
    of slots that fell into a time without beat: ``"once"``, the last of them runs late, or
    ``"skip"``. A name that is taken, an unknown ``missed`` or no slots at all are a ValueError
    at import, arguments that the function does not take an InvalidArguments.
    """
    if not 0 < len(name) <= MAX_NAME or name in registry:
        raise ValueError(f"A schedule needs a name of its own: {name[:60]!r} is none, or taken.")
    registry[name] = Entry(
        name=name,
        kind=function.kind,
        slots=slots,
        missed=Missed(missed),
        arguments=function.schema.store(arguments or {}),
        owner=None if owner is None else {get_user_model().USERNAME_FIELD: owner},
    )
    return registry[name]


def cron(fields: str, tz: str = "UTC") -> Cron:
    """Read ``minute hour day-of-month month day-of-week``, as in crontab(5), for a time zone.

    Lists, ranges, steps and names (``mon-fri``, ``jan``) as Celery reads them; Sunday is 0 or
    7. ``Cron`` says what it means when the clock is changed. ValueError if it makes no sense.
    """
    words = fields.split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"A cron line has five fields, not {len(words)}.")
    sets = [_values(word, *known) for word, known in zip(words, _FIELDS, strict=True)]
    minutes, hours, days_of_month, months, days_of_week = sets
    try:
        zone = ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"There is no time zone called {tz[:60]!r}.") from None
    return Cron(minutes, hours, days_of_week, days_of_month, months, zone, " ".join(words))


def _values(word: str, name: str, count: int, first: int) -> frozenset[int]:
    try:
        return frozenset(crontab_parser(count, first).parse(word))
    except (ParseException, ValueError, KeyError, IndexError) as error:
        if name != "day of the week":
            raise ValueError(f"The {name} {word[:60]!r} is not understood.") from error
    try:  # Sunday as 7, which Celery's parser does not know
        return frozenset(day % 7 for day in crontab_parser(8, 0).parse(word))
    except (ParseException, ValueError, KeyError, IndexError) as error:
        raise ValueError(f"The {name} {word[:60]!r} is not understood.") from error

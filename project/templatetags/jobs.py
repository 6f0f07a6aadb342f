"""``{% load jobs %}``: how the pages speak of jobs before any script runs."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.timesince import timesince
from django.utils.translation import gettext, gettext_lazy

from tasks.models import Job
from tasks.names import spoken_name_of

register = template.Library()

_STEPS = {
    "queued": gettext_lazy("Queued"),
    "started": gettext_lazy("Started"),
    "retrying": gettext_lazy("To be tried again"),
    "cancel_requested": gettext_lazy("Asked to stop"),
    "succeeded": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
}


@register.filter
def called(kind: str) -> str:
    """Name a kind of job, in the reader's language where that is known."""
    return spoken_name_of(kind)


@register.filter
def step_called(name: str) -> str:
    """Name a step of a timeline."""
    return str(_STEPS.get(name, name.replace("_", " ")))


@register.filter
def percent(progress: dict[str, Any] | None) -> int | None:
    """Tell how far a job is, in per cent; None while that is unknown."""
    if not progress or not progress.get("total"):
        return None
    return int(max(0.0, min(1.0, progress["current"] / progress["total"])) * 100)


@register.filter
def took(job: Job) -> str:
    """Tell how long a finished job took, "" for another."""
    if job.started_at is None or job.finished_at is None:
        return ""
    return duration(job.finished_at - job.started_at)


@register.filter
def start(seconds: float) -> str:
    """Tell when a waiting job may start, as roughly as it is known; the scripts say the same."""
    if seconds < 10:
        return gettext("Starts in a moment.")
    if seconds < 55:
        return gettext("Starts in about %(n)s s.") % {"n": math.ceil(seconds / 10) * 10}
    if seconds < 90:
        return gettext("Starts in about a minute.")
    if seconds < 5_400:
        return gettext("Starts in about %(n)s min.") % {"n": round(seconds / 60)}
    return gettext("Starts in about %(n)s h.") % {"n": round(seconds / 3_600)}


@register.filter
def duration(span: timedelta) -> str:
    """Write how long something took: “0.4 s”, “12 s”, “3 minutes”."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 90:
        return gettext("%(n)s s") % {"n": localize(round(seconds, 1 if seconds < 10 else None))}
    start = datetime(2000, 1, 1)  # only the difference matters
    return timesince(start, start + span)


@register.filter
def size(count: int) -> str:
    """Write a number of bytes as the scripts do, in steps of a thousand."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{localize(round(count / step, 1))} {unit}"
    return gettext("%(n)s bytes") % {"n": count}


@register.filter
def pretty(value: Any) -> str:
    """Write JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)

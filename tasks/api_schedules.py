"""The API of schedules, for staff: what runs when, and when next."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from tasks import timetable

router = Router(tags=["schedules"])


class ScheduleOut(Schema):
    """A schedule of the code or of an administrator; times are ISO 8601 in UTC."""

    name: str
    kind: str = Field(description="Of the jobs that it starts.")
    source: Literal["code", "admin"]
    when: str = Field(description="In words.")
    missed: Literal["once", "skip"] = Field(description="What becomes of missed slots.")
    enabled: bool
    last_slot: str | None = Field(description="No slot up to this one is due any more.")
    next: list[str] = Field(description="At most three.")
    problem: str = Field(description="Why it is not followed; empty if it is.")


@router.get("/schedules", response=list[ScheduleOut])
def list_schedules(request: HttpRequest) -> list[dict[str, Any]]:
    """List all schedules; for staff only."""
    if not request.user.is_staff:
        raise HttpError(403, gettext("Only staff may look at the schedules."))
    now, come_to = timezone.now(), timetable.last_slots()
    return [
        timetable.describe(entry, come_to.get(entry.name), now)
        for entry in timetable.entries(also_disabled=True)
    ]

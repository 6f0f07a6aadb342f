"""The API of operations, for staff: how the platform is doing, and was for ten minutes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from realtime import log, moments, operations
from realtime.api import PlaceOut
from tasks import operations_queues, timetable
from tasks.job import registry
from tasks.names import spoken_name_of

router = Router(tags=["operations"])

_WEB, _WORKER = "web:", "worker:"


class OperationsOut(Schema):
    """How the platform is doing; what each part tells is in docs/operations.md.

    ``web``, ``workers`` and ``history`` are what Redis remembers; all else is from the database.
    """

    at: str
    position: PlaceOut = Field(description="Of the topic that tells what follows.")
    web: list[dict[str, Any]]
    workers: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    schedules: list[dict[str, Any]]
    names: dict[str, str] = Field(description="What kinds of jobs are called, in my language.")
    history: dict[str, list[dict[str, Any]]] = Field(
        description="By `web:…`, `worker:…`, `queues`."
    )


@router.get("/ops", response=OperationsOut, summary="Tell how the platform is doing")
def operate(request: HttpRequest) -> dict[str, Any]:
    """Give the newest figures of every process and queue, and those of ten minutes; for staff."""
    if not getattr(request.user, "is_staff", False):
        raise HttpError(403, gettext("Only staff may look at operations."))
    return snapshot()


def snapshot(*, with_history: bool = True) -> dict[str, Any]:
    """Read what ``GET /api/ops`` answers with; who may see it is for the caller to ask.

    Without histories ``history`` is empty.
    """
    topic = str(operations.TOPIC)
    epoch, offset = log.position(topic)
    now = timezone.now()
    told = operations.read(with_history=with_history)
    return {
        "at": moments.spell(now),
        "position": {"topic": topic, "epoch": epoch, "offset": offset},
        "web": _newest(told, _WEB),
        "workers": _newest(told, _WORKER),
        **operations_queues.look(),
        "schedules": _schedules(now),
        # Not in what is told: that is for readers of all languages, and has a bound.
        "names": {kind: spoken_name_of(kind) for kind in registry},
        "history": {each.key: each.history for each in told if each.history},
    }


def _newest(told: list[operations.Told], kind: str) -> list[dict[str, Any]]:
    return [{**each.last, "stale": each.is_silent} for each in told if each.key.startswith(kind)]


def _schedules(now: Any) -> list[dict[str, Any]]:
    come_to = timetable.last_slots()
    described = (
        timetable.describe(entry, come_to.get(entry.name), now)
        for entry in timetable.entries(also_disabled=True)
    )
    return [{**each, "next_run": each["next"][0] if each["next"] else None} for each in described]

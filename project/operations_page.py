"""The page for staff that shows how the platform is doing; without scripts, how it was just now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from realtime.templatetags.bellwire import page_state
from tasks.api_operations import snapshot

#: The stages of an event's way, in their order; then the whole of it.
_STAGES = (
    "commit_to_publish",
    "publish_to_write",
    "write_to_receive",
    "receive_to_show",
    "commit_to_screen",
)


@login_required
def look(request: HttpRequest) -> HttpResponse:
    """Show the newest figures of all processes, queues and schedules; Http404 for who is no staff.

    The last ten minutes are not in the page: its script reads them once it hears what follows.
    """
    if not getattr(request.user, "is_staff", False):
        raise Http404(gettext("There is no such page."))
    state = page_state(request.user)
    now = snapshot(with_history=False)
    context = {
        "bellwire": state | {"operations": now},
        "at": parse_datetime(now["at"]),
        "queues": now["queues"],
        "workers": now["workers"],
        "servers": now["web"],
        "stages": [_slowest(stage, now["web"]) for stage in _STAGES],
        "failures": [each | {"at": parse_datetime(each["at"])} for each in now["failures"]],
        "schedules": [_with_times(each) for each in now["schedules"]],
    }
    return render(request, "operations.html", context)


def _slowest(stage: str, servers: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a stage as the slowest of the servers has it: one that suffers is not averaged away."""
    known = [server["latency"][stage] for server in servers if not server["stale"]]
    measured = [each for each in known if each["p99"] is not None]
    worst = max(measured, key=lambda each: each["p99"], default={"p50": None, "p99": None})
    return {"name": stage, "p50": worst["p50"], "p99": worst["p99"]}


def _with_times(schedule: dict[str, Any]) -> dict[str, Any]:
    coming = [_moment(each) for each in schedule["next"]]
    return schedule | {"next": [each for each in coming if each is not None][:3]}


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None

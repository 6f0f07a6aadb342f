"""The pages of the inbox, without scripts too: what one was told, what one wants to be told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from realtime import inbox, preferences
from realtime.errors import InvalidMark, InvalidNotification, TooManyMutes, UnknownNotification
from realtime.models import Notification
from realtime.templatetags.bellwire import page_state

#: As many as the browser's client asks for.
SHOWN = 30
SHOWS = ("inbox", "unread", "archived")


@login_required
def look(request: HttpRequest) -> HttpResponse:
    """Show a part of one's inbox: ``?show=`` inbox, unread or archived."""
    state = page_state(request.user)  # before the rows: what happens in between is sent again
    show = _show_of(request.GET.get("show"))
    listed, has_older = _find(request, show)
    context = {
        "bellwire": state | {"inbox": inbox.page(request.user, SHOWN)},
        "notifications": listed,
        "older": listed[-1].pk if has_older else None,
        "read": [row.pk for row in listed if row.read_at and not row.archived_at],
        "show": show,
        "tabs": _tabs(),
    }
    return render(request, "inbox.html", context)


@login_required
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark those whose ``id`` is sent, or all; then show the inbox where one was."""
    as_, ids = request.POST.get("as", ""), request.POST.getlist("id")
    try:
        if "all" in request.POST:
            inbox.mark_all(request.user, as_)
        else:
            inbox.mark(request.user, as_, [UUID(id_) for id_ in ids])
    except (ValueError, InvalidMark) as error:
        return _refuse(error)
    show = _show_of(request.POST.get("show"))
    return redirect(reverse("inbox") + ("" if show == "inbox" else f"?show={show}"))


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show by which ways one is told of what, and what is muted; or change it."""
    chosen = preferences.shown(request.user.pk)
    if request.method != "POST":
        context = {**chosen, "is_saved": "saved" in request.GET}
        return render(request, "preferences.html", context)
    try:
        if "mute" in request.POST:
            preferences.mute(request.user.pk, request.POST["mute"])
        elif "unmute" in request.POST:
            preferences.unmute(request.user.pk, request.POST["unmute"])
        else:
            _save(request, chosen["kinds"])
    except (InvalidNotification, TooManyMutes) as error:
        return _refuse(error)
    return redirect(reverse("preferences") + "?saved")


def _refuse(error: Exception) -> HttpResponse:
    """Answer a form that none of our pages sends."""
    return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")


def _save(request: HttpRequest, kinds: list[dict[str, Any]]) -> None:
    """Keep what differs: what nobody touched goes on being what its code declares."""
    for kind in kinds:
        wanted = {way: kind["kind"] in request.POST.getlist(way) for way in ("in_app", "email")}
        if wanted != {way: kind[way] for way in wanted}:
            preferences.choose(request.user.pk, kind["kind"], **wanted)


def _find(request: HttpRequest, show: str) -> tuple[list[Notification], bool]:
    """An address of a page after one that is gone leads to the newest."""
    try:
        before = UUID(request.GET.get("before", ""))
        return inbox.find(request.user, SHOWN, show=show, before=before)
    except (ValueError, UnknownNotification):
        return inbox.find(request.user, SHOWN, show=show)


def _tabs() -> list[tuple[str, str]]:
    names = [gettext("Inbox"), gettext("Unread"), gettext("Archived")]
    return list(zip(SHOWS, names, strict=True))


def _show_of(asked: str | None) -> str:
    return asked if asked in SHOWS else "inbox"

"""What the pages' plain forms ask for, without scripts too: start a job, stop it, repeat it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from project import starting, views
from project.templatetags.jobs import pretty
from tasks import interventions, many, strictjson
from tasks.errors import InvalidArguments, TaskError
from tasks.models import Job
from tasks.states import State


def _posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead whoever comes to a form's address by a link, or back from logging in, to its page."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        return redirect("job", kwargs["job_id"]) if "job_id" in kwargs else redirect("home")

    return login_required(answering)


@_posted
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """Start a job and show it; or show the form again, with what was wrong."""
    if kind not in starting.KINDS:
        raise Http404
    try:
        job = starting.start(request, kind)
    except TaskError as error:
        fields = {name: request.POST.get(name, "") for name in ("subject", "body", "recipients")}
        return views.show_home(request, kind=kind, sentence=str(error), **fields)
    return redirect("job", job.pk)


@_posted
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Stop a job, as the API does, and show how it is."""
    views.find(request, job_id)
    interventions.cancel(job_id, by=request.user)
    return redirect("job", job_id)


@login_required
def repeat(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask for a finished job once more; with ``arguments``, JSON, in place of its own."""
    job = views.find(request, job_id)
    text = request.POST.get("arguments")
    if request.method != "POST":
        return _changing(request, job)
    try:
        arguments = None if text is None else _arguments(text)
        return redirect("job", many.repeat_one(job_id, request.user, arguments).pk)
    except TaskError as error:
        if text is None:
            return views.show_job(request, job_id, str(error))
        return _changing(request, job, text, str(error))


def _changing(
    request: HttpRequest, job: Job, text: str | None = None, problem: str = ""
) -> HttpResponse:
    """Show the form in which a job's arguments are changed."""
    context = {
        "job": job,
        "is_final": State(job.state).is_final,
        "arguments": pretty(job.arguments) if text is None else text,
        "problem": problem,
    }
    return render(request, "repeat.html", context, status=422 if problem else 200)


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = strictjson.parse(text.encode(errors="replace"))
    except strictjson.InvalidJson as error:
        raise InvalidArguments(str(error)) from None
    if not isinstance(found, dict):
        raise InvalidArguments(gettext("Arguments are an object: {“name”: value, …}."))
    return found

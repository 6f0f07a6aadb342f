"""What the pages' plain forms ask for, without scripts too: start a job, stop it, repeat it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from project import changes, starting, views
from tasks import interventions, many
from tasks.errors import TaskError


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
    """Ask for a finished job once more, as it was or with what was changed in its form."""
    job = views.find(request, job_id)
    if request.method != "POST":
        return changes.show(request, job)
    try:
        arguments = changes.read(request, job)
        return redirect("job", many.repeat_one(job_id, request.user, arguments).pk)
    except TaskError as error:
        if changes.are_sent(request):
            return changes.show(request, job, error)
        return views.show_job(request, job_id, str(error))

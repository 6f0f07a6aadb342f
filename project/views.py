"""The pages: one's jobs, and one job."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from project import starting, wanted
from project.wanted import Filter
from realtime.templatetags.bellwire import page_state
from tasks import descriptions, enqueueing, files, search, transcript, waiting
from tasks.job import registry
from tasks.models import Job
from tasks.names import spoken_name_of
from tasks.states import State

#: As many as the browser's client asks for when it reads the list anew.
JOBS_SHOWN = 30
#: What a page shows of a job's output and of its timeline before any script runs.
LINES_SHOWN, STEPS_SHOWN = 200, 100


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Start a job, and follow the newest ones that the address asks for."""
    return show_home(request)


def show_home(request: HttpRequest, **problem: str) -> HttpResponse:
    """Answer with the list; ``problem`` says what was wrong with a form that was sent."""
    state = page_state(request.user)  # before the jobs: what happens in between is sent again
    asked, before = wanted.read(request.GET), wanted.read_before(request.GET)
    newest = _listed(request.user, asked)
    # Older pages are for those without scripts: a script's list begins at the newest.
    shown = _listed(request.user, asked, before) if before else newest
    has_older = len(newest) == JOBS_SHOWN
    state |= {"jobs": [descriptions.of_job(job) for job in newest], "hasOlder": has_older}
    state |= {"filter": asdict(asked)}
    context = {
        "bellwire": state,
        "jobs": shown,
        "filter": asked,
        "tabs": wanted.tabs(asked),
        "kinds": sorted(
            (kind for kind, function in registry.items() if not function.internal),
            key=lambda kind: spoken_name_of(kind).casefold(),
        ),
        "older": shown[-1].pk if len(shown) == JOBS_SHOWN else None,
        "is_first_page": before is None,
        "problem": problem,
        "form_key": uuid4(),
        "max_megabytes": starting.MAX_FORM_MEGABYTES,
    }
    return render(request, "home.html", context, status=422 if problem else 200)


@login_required
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Follow one job; one that may not be seen is as unknown as one that does not exist."""
    return show_job(request, job_id)


def show_job(request: HttpRequest, job_id: UUID, problem: str = "") -> HttpResponse:
    """Answer with a job's page; ``problem`` says why what was asked of it could not be done."""
    state = page_state(request.user)
    shown = find(request, job_id)
    state |= {"known": [descriptions.of_job(shown)]}
    steps = list(shown.steps.order_by("-pk")[:STEPS_SHOWN])[::-1]
    context = {
        "bellwire": state,
        "job": shown,
        "is_final": State(shown.state).is_final,
        "is_mine": shown.owner_id == request.user.pk,
        "expected_wait": waiting.expected_wait(shown),
        "steps": [descriptions.of_step(step, for_staff=request.user.is_staff) for step in steps],
        "lines": transcript.newest(shown.pk, LINES_SHOWN),
        "inputs": [files.describe(file) for file in shown.inputs.order_by("pk")],
        "results": [files.describe(file) for file in shown.files.order_by("pk")],
        "problem": problem,
    }
    return render(request, "job.html", context, status=422 if problem else 200)


def find(request: HttpRequest, job_id: UUID) -> Job:
    """Look a job up as its owner or as staff; Http404 for any other."""
    try:
        return enqueueing.find_for(job_id, request.user)
    except Job.DoesNotExist:
        raise Http404(gettext("There is no such job.")) from None


def _listed(user: Any, asked: Filter, before: UUID | None = None) -> list[Job]:
    own = Job.objects.filter(owner_id=user.pk)
    found = search.choose(own, asked.wanted(before)).select_related("owner")
    return list(found.prefetch_related("files")[:JOBS_SHOWN])

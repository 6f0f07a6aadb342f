"""The pages: one's jobs, and one job."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from realtime.templatetags.bellwire import page_state
from tasks.announce import describe
from tasks.models import Job

#: As many as the browser's client asks for when it reads the list anew.
JOBS_SHOWN = 30


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Start a job, and follow the newest ones."""
    state = page_state(request.user)  # before the jobs: what happens in between is sent again
    jobs = list(Job.objects.filter(owner_id=request.user.pk).order_by("-id")[:JOBS_SHOWN])
    state |= {"jobs": [describe(job) for job in jobs], "hasOlder": len(jobs) == JOBS_SHOWN}
    return render(request, "home.html", {"jobs": jobs, "bellwire": state})


@login_required
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Follow one job of one's own; another's is as unknown as one that does not exist."""
    state = page_state(request.user)
    shown = get_object_or_404(Job, pk=job_id, owner_id=request.user.pk)
    state |= {"jobs": [describe(shown)], "hasOlder": False}
    return render(request, "job.html", {"job": shown, "bellwire": state})

"""The API of jobs: ask for one, look at them, stop one; what kinds there are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Query, Router

from realtime import log
from realtime.topics import Topic
from tasks import files, inputs, interventions, jobs
from tasks.announce import describe
from tasks.job import find, registry
from tasks.models import Job
from tasks.schemas import JobIn, JobOut, JobsOut, JobsQuery, KindOut, SampleOut
from tasks.work import samples

router = Router(tags=["jobs"])


@router.get("/kinds", response=list[KindOut])
def list_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """List the kinds of jobs that may be asked for."""
    return [
        {"kind": kind, "queue": function.queue, "arguments": function.schema.describe()}
        for kind, function in sorted(registry.items())
    ]


@router.post("/jobs", response={201: JobOut})
def ask_for_job(request: HttpRequest, payload: JobIn) -> dict[str, Any]:
    """Record a job; it is queued, durably, when this answers.

    Files are given by their ids: own uploads, complete.
    """
    function = find(payload.kind)
    inputs.check(_me(request), function.schema.load(payload.arguments))
    return _told(jobs.enqueue(function, request.user, payload.arguments))


@router.get("/jobs", response=JobsOut)
def list_jobs(request: HttpRequest, wanted: Query[JobsQuery]) -> dict[str, Any]:
    """List my jobs, the newest first; ``position`` is where to follow them live from."""
    topic = str(Topic.of_user(_me(request)))
    # Before the rows: what happens in between is told twice rather than never.
    epoch, offset = log.position(topic)
    found = Job.objects.filter(owner_id=_me(request)).order_by("-id").prefetch_related("files")
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.before:
        found = found.filter(id__lt=wanted.before)
    return {
        "jobs": [_told(job) for job in found[: wanted.limit]],
        "position": {"topic": topic, "epoch": epoch, "offset": offset},
    }


@router.get("/jobs/{uuid:job_id}", response=JobOut)
def look_at_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Tell of a job, with its arguments, its result and its files."""
    try:
        return _told(Job.objects.get(pk=job_id, owner_id=_me(request)))
    except Job.DoesNotExist:
        raise Http404 from None


@router.post("/jobs/{uuid:job_id}/cancel", response=JobOut)
def cancel_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Stop a job: a waiting one at once, a running one as soon as it looks up."""
    try:
        return _told(interventions.cancel(job_id, by=request.user))
    except Job.DoesNotExist:
        raise Http404 from None


@router.post("/samples/{kind}", response={201: SampleOut})
def make_sample(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Make something to try a kind of job on, and give the arguments that use it."""
    if kind not in samples.MAKERS:
        raise Http404
    return {"arguments": samples.MAKERS[kind](_me(request))}


def _me(request: HttpRequest) -> Any:
    return request.user.pk


def _told(job: Job) -> dict[str, Any]:
    return {
        **describe(job),
        "arguments": job.arguments,
        "result": job.result,
        "files": [files.describe(file) for file in job.files.all()],
    }

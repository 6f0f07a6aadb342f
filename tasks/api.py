"""The API of jobs: ask for one, look at them; what kinds there are."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext
from ninja import Header, Query, Router, Status
from ninja.errors import HttpError

from realtime import log
from realtime.topics import Topic
from tasks import descriptions, enqueueing, idempotency, inputs, search
from tasks.job import find_offered, registry
from tasks.models import Job
from tasks.names import spoken_name_of
from tasks.options import Options
from tasks.schemas import (
    JobIn,
    JobOut,
    JobsOut,
    JobsQuery,
    KindOut,
    SampleOut,
    TimelineOut,
)
from tasks.work import samples

router = Router(tags=["jobs"])

EVERYBODY = "*"
#: A timeline is short but for a job that is retried without end.
MAX_STEPS = 500

IdempotencyKey = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        description="Makes it safe to send this again: one key of mine is one job.",
    ),
]


@router.get("/kinds", response=list[KindOut])
def list_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """List the kinds of jobs that may be asked for."""
    return [
        {
            "kind": kind,
            "name": spoken_name_of(kind),
            "queue": function.queue,
            "arguments": function.schema.describe(),
        }
        for kind, function in sorted(registry.items())
        if not function.internal
    ]


@router.post("/jobs", response={201: JobOut, 200: JobOut})
def ask_for_job(
    request: HttpRequest, payload: JobIn, idempotency_key: IdempotencyKey = None
) -> Status[dict[str, Any]]:
    """Record a job; it is queued, durably, when this answers.

    Files are given by their ids: own uploads, complete. With an ``Idempotency-Key`` that I used
    before, the job of that time is the answer, with 200; 409 if it was of another kind or had
    other arguments. 429 says when to come back if too many of my jobs wait.
    """
    options = Options(idempotency_key=_key_of(idempotency_key))
    function = find_offered(payload.kind)
    inputs.check(_me(request), function.schema.load(payload.arguments))
    job, is_new = enqueueing.submit(function, request.user, payload.arguments, options)
    return Status(201 if is_new else 200, descriptions.of_job(job))


@router.get("/jobs", response=JobsOut)
def list_jobs(request: HttpRequest, wanted: Query[JobsQuery]) -> dict[str, Any]:
    """List jobs, the newest first: mine, or for staff also another's (``owner``).

    ``position`` is where to follow my own live from.
    """
    topic = str(Topic.of_user(_me(request)))
    # Before the rows: what happens in between is told twice rather than never.
    epoch, offset = log.position(topic)
    filters = search.Wanted(states=wanted.state, **wanted.dict(exclude={"state", "owner", "limit"}))
    found = search.choose(_of(wanted.owner, request), filters)
    listed = found.select_related("owner").prefetch_related("files")[: wanted.limit]
    return {
        "jobs": [descriptions.of_job(job) for job in listed],
        "position": {"topic": topic, "epoch": epoch, "offset": offset},
    }


@router.get("/jobs/{uuid:job_id}", response=JobOut)
def look_at_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Tell of a job, with its arguments, its result and its files."""
    return descriptions.of_job(_find(request, job_id))


@router.get("/jobs/{uuid:job_id}/timeline", response=TimelineOut)
def look_at_timeline(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Tell what happened to a job, the oldest first; at most the last 500 steps."""
    newest = _find(request, job_id).steps.order_by("-pk")[:MAX_STEPS]
    for_staff = request.user.is_staff
    return {"steps": [descriptions.of_step(s, for_staff=for_staff) for s in reversed(newest)]}


@router.post("/samples/{kind}", response={201: SampleOut})
def make_sample(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Make something to try a kind of job on, and give the arguments that use it."""
    if kind not in samples.MAKERS:
        raise Http404
    return {"arguments": samples.MAKERS[kind](_me(request))}


def _key_of(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        return idempotency.read(header)
    except ValueError as error:
        raise HttpError(400, str(error)) from error


def _of(owner: str, request: HttpRequest) -> QuerySet[Job]:
    user: Any = request.user
    if owner in ("", user.get_username()):
        return Job.objects.filter(owner_id=user.pk)
    if not user.is_staff:
        raise HttpError(403, gettext("Only staff may look at the jobs of others."))
    if owner == EVERYBODY:
        return Job.objects.all()
    return Job.objects.filter(**{f"owner__{get_user_model().USERNAME_FIELD}": owner})


def _find(request: HttpRequest, job_id: UUID) -> Job:
    """Look a job up as its owner or as staff; a stranger's is as one that does not exist."""
    try:
        return enqueueing.find_for(job_id, request.user)
    except Job.DoesNotExist:
        raise Http404 from None


def _me(request: HttpRequest) -> Any:
    return request.user.pk

"""The API of what is done to jobs: cancel and repeat them, one or many."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Body, Router

from tasks import descriptions, interventions, many
from tasks.many import Outcome
from tasks.models import Job
from tasks.schemas import JobOut, ManyIn, OutcomesOut, RepeatIn

router = Router(tags=["jobs"])


@router.post("/jobs/{uuid:job_id}/cancel", response=JobOut)
def cancel_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Stop a job: a waiting one at once, a running one as soon as it looks up.

    Its ``progress`` says how far it came. One that has ended stays as it is.
    """
    try:
        return descriptions.of_job(interventions.cancel(job_id, by=request.user))
    except Job.DoesNotExist:
        raise Http404 from None


@router.post("/jobs/{uuid:job_id}/repeat", response={201: JobOut})
def repeat_job(
    request: HttpRequest, job_id: UUID, payload: Body[RepeatIn | None] = None
) -> dict[str, Any]:
    """Ask for a finished job once more, for its owner, with its own or other arguments.

    409 if it has not come to its end. Without a body the arguments are as they were.
    """
    arguments = payload.arguments if payload else None
    try:
        return descriptions.of_job(many.repeat_one(job_id, request.user, arguments))
    except Job.DoesNotExist:
        raise Http404 from None


@router.post("/jobs/cancel", response=OutcomesOut)
def cancel_jobs(request: HttpRequest, payload: ManyIn) -> dict[str, Any]:
    """Stop up to 100 jobs, each by itself; 200 says that each has an outcome."""
    return _told(many.cancel(payload.ids, request.user))


@router.post("/jobs/repeat", response=OutcomesOut)
def repeat_jobs(request: HttpRequest, payload: ManyIn) -> dict[str, Any]:
    """Ask for up to 100 finished jobs once more, each by itself, with the arguments they had."""
    return _told(many.repeat(payload.ids, request.user))


def _told(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "outcomes": [
            {
                "id": outcome.id,
                "job": outcome.job and descriptions.of_job(outcome.job),
                "error": {"code": outcome.code, "message": outcome.message}
                if outcome.code
                else None,
            }
            for outcome in outcomes
        ]
    }

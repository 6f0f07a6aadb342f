"""The API of what jobs say: a page of it, or all of it as a text file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from tasks import enqueueing, transcript
from tasks.announce import describe_line
from tasks.models import Job
from tasks.output import CUT
from tasks.schemas import OutputOut, OutputQuery

router = Router(tags=["jobs"])


@router.get("/jobs/{uuid:job_id}/output", response=OutputOut)
def look_at_output(
    request: HttpRequest, job_id: UUID, wanted: Query[OutputQuery]
) -> dict[str, Any]:
    """Give what a job said, from the line after ``after`` on.

    While it runs, `job.logged` tells of more; go on from the last line known.
    """
    job = _find(request, job_id)
    lines = transcript.after(job.pk, wanted.after, wanted.limit)
    # After the lines: who has not got the last of all asks once more.
    newest = transcript.newest(job.pk, 1)
    return {
        "lines": [describe_line(line) for line in lines],
        "last": newest[0].n if newest else 0,
        "is_cut": bool(newest) and newest[0].level == CUT,
    }


@router.get("/jobs/{uuid:job_id}/output.txt", response={200: None})
def download_output(request: HttpRequest, job_id: UUID) -> StreamingHttpResponse:
    """Send all that a job has said so far as a text file."""
    return transcript.download(_find(request, job_id))


def _find(request: HttpRequest, job_id: UUID) -> Job:
    """Look a job up as its owner or as staff; a stranger's is as one that does not exist."""
    try:
        return enqueueing.find_for(job_id, request.user)
    except Job.DoesNotExist:
        raise Http404 from None

"""The API of deletion: a finished job with its files, an upload that no job reads.

Its operations are at addresses that have others already, so they join those routers.
"""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from tasks import retention
from tasks.api import router as jobs_router
from tasks.api_files import router as files_router
from tasks.models import File, Job


@jobs_router.delete("/jobs/{uuid:job_id}", response={204: None})
def delete_job(request: HttpRequest, job_id: UUID) -> None:
    """Delete a job that has come to its end, with its files; staff may delete anybody's.

    One that has not is 409: cancel it first.
    """
    try:
        retention.delete(job_id, by=request.user)
    except Job.DoesNotExist:
        raise Http404 from None


@files_router.delete("/files/{uuid:file_id}", response={204: None})
def delete_upload(request: HttpRequest, file_id: UUID) -> None:
    """Delete an upload, complete or not; one that a job reads, or wrote, is 409."""
    try:
        retention.delete_upload(file_id, request.user.pk)
    except File.DoesNotExist:
        raise Http404 from None

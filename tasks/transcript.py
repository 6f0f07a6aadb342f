"""A job's output as it was written: a page of it, its end, all of it as a text file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from realtime import pool
from tasks.announce import describe_line
from tasks.models import Job, OutputLine

#: How many lines of a file are in memory at once.
PAGE = 500


def after(job_id: UUID, n: int, limit: int) -> list[OutputLine]:
    """Give the lines that follow the ``n``-th, in their order, at most ``limit``."""
    return list(OutputLine.objects.filter(job_id=job_id, n__gt=n).order_by("n")[:limit])


def newest(job_id: UUID, limit: int) -> list[OutputLine]:
    """Give the last lines, in their order."""
    lines = OutputLine.objects.filter(job_id=job_id).order_by("-n")[:limit]
    return list(reversed(lines))


def as_text(line: OutputLine) -> str:
    """Write a line as it is in the file: when, in which attempt, how serious, what."""
    return "{at}  {attempt}  {level:<7}  {text}".format_map(describe_line(line))


def download(job: Job) -> StreamingHttpResponse:
    """Stream a job's output so far as a text file, an attachment."""
    response = StreamingHttpResponse(_pages(job.pk), content_type="text/plain; charset=utf-8")
    name = f"{job.kind} {str(job.pk)[:8]}.txt"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


async def _pages(job_id: UUID) -> AsyncIterator[bytes]:
    n = 0
    while lines := await pool.ask(after, job_id, n, PAGE):
        yield "".join(f"{as_text(line)}\n" for line in lines).encode()
        n = lines[-1].n

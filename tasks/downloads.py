"""A file's bytes on their way to a browser: in chunks, and never as a page of this site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from tasks.files import path_of
from tasks.models import File

CHUNK_BYTES = 64 * 1024
_PICTURES = frozenset({"image/webp", "image/png", "image/jpeg"})
_PAGE = "text/html"
# Whatever the bytes are, they run no script and ask for nothing; our pages may frame them.
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def download(file: File, *, inline: bool = False) -> StreamingHttpResponse:
    """Stream a complete file as an attachment; Http404 where its bytes are gone.

    ``inline`` shows it in the browser if it is a picture, or a page that a job made.
    """
    path = path_of(file)
    if not path.is_file():
        raise Http404
    shown = inline and may_show(file)
    response = StreamingHttpResponse(_chunks(path), content_type=file.content_type)
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(not shown, file.name) or "inline"
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "no-store"
    return response


def may_show(file: File) -> bool:
    """Tell whether a browser may show this file rather than keep it."""
    by_job = file.job_id is not None
    return file.content_type in _PICTURES or (by_job and file.content_type == _PAGE)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        file.close()

"""The API of files: uploads in one piece or in parts, and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pydantic
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext
from ninja import Router
from ninja.errors import HttpError, ValidationError

from tasks import files
from tasks.downloads import CHUNK_BYTES, download
from tasks.errors import InvalidFile
from tasks.models import File
from tasks.schemas import FileOut, PartOut, UploadIn
from tasks.strictjson import MAX_BYTES, parse

router = Router(tags=["files"])

_BYTES = {"type": "string", "format": "binary"}
_UPLOAD_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _BYTES}, "required": ["file"]}
            },
            "application/json": {"schema": UploadIn.json_schema()},
            "application/octet-stream": {"schema": _BYTES},
        },
    }
}
_PART_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": _BYTES}},
    }
}


@router.post("/files", response={201: FileOut}, openapi_extra=_UPLOAD_BODIES)
def upload(request: HttpRequest, name: str = "") -> dict[str, Any]:
    """Take a file: a multipart field ``file``, or with ``?name=`` the body as it is.

    A JSON body ``{"name", "content_type", "size"}`` without ``?name=`` announces a file that
    comes in parts.
    """
    length = _length_of(request)
    if request.content_type == "multipart/form-data":
        return _told(_from_form(request))
    if name:
        return _told(_from_body(request, name, length))
    if request.content_type == "application/json":
        return _told(_announced(request, length))
    raise HttpError(415, "Send multipart/form-data, or JSON, or any body with ?name=.")


@router.put("/files/{uuid:file_id}", response=PartOut, openapi_extra=_PART_BODY)
def upload_part(request: HttpRequest, file_id: UUID, offset: int) -> dict[str, int]:
    """Add the bytes that begin at ``offset``: at most 4 MiB, in order.

    A wrong offset is answered by 409 with ``error.received``, from which to go on.
    """
    if _length_of(request) > files.MAX_PART_BYTES:
        raise files.part_too_large()
    file = _own(request, file_id)
    return {"received": files.write_part(file, offset, request.body)}


@router.get("/files/{uuid:file_id}", response=FileOut)
def look_at_file(request: HttpRequest, file_id: UUID) -> dict[str, Any]:
    """Tell of a file, and how much of it has arrived."""
    return _told(_own(request, file_id))


@router.get("/files/{uuid:file_id}/content", response={200: None})
def download_file(
    request: HttpRequest, file_id: UUID, inline: bool = False
) -> StreamingHttpResponse:
    """Send a file's bytes as an attachment; ``inline`` shows pictures and jobs' pages."""
    file = _own(request, file_id)
    if not file.is_complete:
        raise HttpError(409, gettext("The file has not been uploaded completely."))
    return download(file, inline=inline)


def _from_form(request: HttpRequest) -> File:
    uploads = request.FILES.getlist("file")
    if len(uploads) != 1 or not isinstance(sent := uploads[0], UploadedFile):
        raise InvalidFile(gettext("Send one file, in the field “file”."))
    chunks = sent.chunks(CHUNK_BYTES)
    return files.save_upload(_me(request), sent.name or "", sent.content_type or "", chunks)


def _from_body(request: HttpRequest, name: str, length: int) -> File:
    files.check_limit(length)
    # The body lies in a temporary file; request.body would load it.
    chunks: Iterator[bytes] = iter(partial(request.read, CHUNK_BYTES), b"")
    return files.save_upload(_me(request), name, request.content_type or "", chunks)


def _announced(request: HttpRequest, length: int) -> File:
    if length > MAX_BYTES:
        raise HttpError(413, f"A JSON body has at most {MAX_BYTES:,} bytes.")
    try:
        wanted = UploadIn.model_validate(parse(request.body))
    except pydantic.ValidationError as error:
        raise ValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from None
    return files.start_upload(_me(request), wanted.name, wanted.content_type, wanted.size)


def _length_of(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length", "")
    if not length.isascii() or not length.isdigit():
        raise HttpError(411, "Send Content-Length.")
    return int(length)


def _own(request: HttpRequest, file_id: UUID) -> File:
    """Look a file up as its owner; a stranger's is answered as one that does not exist."""
    try:
        return File.objects.get(pk=file_id, owner_id=_me(request))
    except File.DoesNotExist:
        raise Http404 from None


def _me(request: HttpRequest) -> Any:
    return request.user.pk


def _told(file: File) -> dict[str, Any]:
    return {**files.describe(file), "received": file.received}

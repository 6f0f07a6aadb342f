"""Jobs asked for by a plain form, as a browser without scripts sends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext

from tasks import enqueueing, files, inputs
from tasks.errors import InvalidFile
from tasks.job import find_offered
from tasks.models import Job
from tasks.options import Options
from tasks.work.samples import MAKERS

#: What a whole form may have; the server takes larger bodies at the API's addresses only.
MAX_FORM_MEGABYTES = 5
_KEY = re.compile(r"[0-9a-f-]{36}")


def start(request: HttpRequest, kind: str) -> Job:
    """Start the job that the form describes, once for each form that was sent out.

    Its fields are ``file`` (reports: one, images: several) or ``subject``, ``body`` and
    ``recipients``; the button ``sample`` takes none of them. A TaskError has a sentence that
    says what is wrong with them.
    """
    owner: Any = request.user
    function = find_offered(kind)
    key = _key_of(request)
    # A form sent twice brings its files anew: they cannot be compared, so the key decides.
    known = key and Job.objects.filter(owner_id=owner.pk, idempotency_key=key).first()
    if known:
        return known
    take = MAKERS[kind] if "sample" in request.POST else lambda _: _ARGUMENTS[kind](request)
    arguments = take(owner.pk)
    inputs.check(owner.pk, function.schema.load(arguments))
    return enqueueing.submit(function, owner, arguments, Options(idempotency_key=key))[0]


def _report(request: HttpRequest) -> dict[str, Any]:
    return {"file": _saved(request)[0]}


def _images(request: HttpRequest) -> dict[str, Any]:
    return {"files": _saved(request)}


def _mail(request: HttpRequest) -> dict[str, Any]:
    recipients = re.split(r"[\n,;]", request.POST.get("recipients", ""))
    return {
        "subject": request.POST.get("subject", ""),
        "body": request.POST.get("body", ""),
        "recipients": [each.strip() for each in recipients if each.strip()],
    }


#: The kinds that have a form, and who reads it.
_ARGUMENTS: Mapping[str, Callable[[HttpRequest], dict[str, Any]]] = {
    "reports": _report,
    "images": _images,
    "mail": _mail,
}
KINDS = frozenset(_ARGUMENTS)


def _saved(request: HttpRequest) -> list[str]:
    uploads = request.FILES.getlist("file")
    if not uploads:
        raise InvalidFile(gettext("Choose a file first."))
    return [_keep(request.user.pk, upload) for upload in uploads]


def _keep(owner_id: Any, upload: UploadedFile[Any]) -> str:
    name, type_ = upload.name or "", upload.content_type or ""
    return str(files.save_upload(owner_id, name, type_, upload.chunks()).pk)


def _key_of(request: HttpRequest) -> str | None:
    key = request.POST.get("key", "")
    return f"form:{key}" if _KEY.fullmatch(key) else None

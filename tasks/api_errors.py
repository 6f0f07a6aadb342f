"""How the API says no: ``{"error": {"code", "message"}}``, a code to act on and a sentence."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from realtime.api_auth import REFUSED
from realtime.errors import InboxError
from tasks.errors import TaskError, TooManyJobs, WrongOffset
from tasks.strictjson import InvalidJson

logger = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal",
    503: "busy",
}
#: What a job's and an inbox's errors are in HTTP; all others are 422.
_STATUSES = {
    "too_large": 413,
    "quota_exceeded": 413,
    "wrong_offset": 409,
    "idempotency_conflict": 409,
    "not_finished": 409,
    "in_use": 409,
    "too_many_jobs": 429,
    "unknown_notification": 404,
}


def install(api: NinjaAPI) -> None:
    """Give the API an answer to everything that a caller can do wrong."""
    answers: list[tuple[type[Exception], Callable[[HttpRequest, Any], Answer]]] = [
        (HttpError, _http_error),
        (ValidationError, _invalid_request),
        (TaskError, _task_error),
        (InboxError, _inbox_error),
        (InvalidJson, lambda _, error: Answer(400, str(error), "invalid_json")),
        (Http404, lambda *_: Answer(404, gettext("There is nothing here."))),
        (RequestDataTooBig, lambda *_: Answer(413, gettext("The body is too large."))),
        (SuspiciousOperation, lambda *_: Answer(400, "The request is malformed.")),
        (BadRequest, lambda *_: Answer(400, "The request is malformed.")),
        (MultiPartParserError, lambda *_: Answer(400, "The multipart body is malformed.")),
        (UnreadablePostError, lambda *_: Answer(400, gettext("The body broke off."))),
        (OperationalError, _busy),
        (InterfaceError, _busy),
        (OSError, _disk_error),
        (Exception, _unexpected),
    ]
    for error, answer in answers:
        api.add_exception_handler(error, _responder(api, answer))


def saying_no(api: NinjaAPI, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have a view's refusal of a method, which ninja writes as text, say it as the API does."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        said = Answer(405, f"This address takes {response['Allow']}.")
        refusal = api.create_response(request, said.body, status=405)
        refusal["Allow"] = response["Allow"]
        return refusal

    return answering


class Answer:
    """A status, a sentence, and what else belongs beside them."""

    #: Seconds after which to come again; 0 for nothing to say of it.
    retry_after = 0

    def __init__(self, status: int, message: str, code: str = "", **extra: Any) -> None:
        self.status = status
        self.body = {"error": {"code": code or _CODES[status], "message": message, **extra}}


def _responder(
    api: NinjaAPI, answer: Callable[[HttpRequest, Any], Answer]
) -> Callable[[HttpRequest, Any], HttpResponse]:
    def respond(request: HttpRequest, error: Any) -> HttpResponse:
        said = answer(request, error)
        response = api.create_response(request, said.body, status=said.status)
        if said.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        if said.retry_after:
            response["Retry-After"] = str(said.retry_after)
        return response

    return respond


def _http_error(_request: HttpRequest, error: HttpError) -> Answer:
    cause = error.__cause__
    if isinstance(cause, HttpError):  # ninja wraps whatever our parser raises into a 400
        return Answer(cause.status_code, cause.message)
    if isinstance(cause, InvalidJson):
        return Answer(400, str(cause), "invalid_json")
    if error.message == "Unauthorized":
        return Answer(401, gettext(REFUSED))
    return Answer(error.status_code, error.message)


def _invalid_request(_request: HttpRequest, error: ValidationError) -> Answer:
    first = error.errors[0]
    place = ".".join(str(step) for step in first["loc"][1:] if step != "payload") or "body"
    shown = place.encode("ascii", "replace").decode()[:80]
    return Answer(422, f"{shown}: {first['msg']}.", "invalid_request")


def _task_error(_request: HttpRequest, error: TaskError) -> Answer:
    extra = {"received": error.received} if isinstance(error, WrongOffset) else {}
    # Those that say what their class does say it in English.
    answer = Answer(_STATUSES.get(error.code, 422), gettext(str(error)), error.code, **extra)
    if isinstance(error, TooManyJobs):
        answer.retry_after = error.retry_after
    return answer


def _inbox_error(_request: HttpRequest, error: InboxError) -> Answer:
    return Answer(_STATUSES.get(error.code, 422), gettext(str(error)), error.code)


def _busy(_request: HttpRequest, error: Exception) -> Answer:
    logger.warning("The database refused: %s", error, extra={"action": "api.database_busy"})
    return _later(gettext("The database is busy; try again."))


def _disk_error(request: HttpRequest, error: OSError) -> Answer:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _unexpected(request, error)
    logger.error("No room for a file: %s", error, extra={"action": "api.storage_full"})
    return _later(gettext("There is no room for the file at the moment."), "storage_full")


def _later(message: str, code: str = "") -> Answer:
    answer = Answer(503, message, code)
    answer.retry_after = 1
    return answer


def _unexpected(request: HttpRequest, error: Exception) -> Answer:
    # As Django does for a page: what reports errors elsewhere listens to this.
    got_request_exception.send(sender=None, request=request)
    logger.error(
        "The API failed at %s.", request.path, exc_info=error, extra={"action": "api.failed"}
    )
    return Answer(500, gettext("Something went wrong here; it has been noted."))

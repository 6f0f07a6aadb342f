"""The HTTP API, put together from what each app offers: ``path("api/", api.urls)``.

The browser's client looks for it at /api/. What else is to be below that comes before it in
``urlpatterns``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router
from ninja.errors import HttpError
from ninja.parser import Parser

from realtime.api import router as realtime_router
from realtime.api_auth import Bearer, Session
from realtime.api_inbox import router as inbox_router
from realtime.api_latency import router as latency_router
from tasks import (
    api_deletion,  # noqa: F401 (it joins the routers of jobs and files)
    api_errors,
    strictjson,
)
from tasks.api import router as jobs_router
from tasks.api_files import router as files_router
from tasks.api_interventions import router as interventions_router
from tasks.api_operations import router as operations_router
from tasks.api_output import router as output_router
from tasks.api_schedules import router as schedules_router

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class StrictParser(Parser):
    """Takes JSON bodies that say they are, within a size, read strictly."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise HttpError(415, "Send the body as application/json.")
        if len(request.body) > strictjson.MAX_BYTES:
            raise HttpError(413, f"A JSON body has at most {strictjson.MAX_BYTES:,} bytes.")
        return strictjson.parse(request.body)


class API(NinjaAPI):
    """Ninja's, with answers that nobody may keep: they are one person's."""

    def create_response(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Give the addresses; where a method is not allowed, that is said as all else is."""
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = api_errors.saying_no(self, pattern.callback)
        return patterns, app_name, namespace


api = API(
    title="Bellwire",
    version="1",
    description="Jobs, their files, and the events that tell of them. Live at "
    "`/connection/websocket`. Errors are `{“error”: {“code”, “message”}}`.",
    urls_namespace="bellwire",
    auth=[Bearer(), Session()],
    parser=StrictParser(),
)
api_errors.install(api)

_elsewhere = Router()


@_elsewhere.api_operation(_METHODS, "/{path:rest}", include_in_schema=False)
def nothing_here(request: HttpRequest, rest: str) -> NoReturn:
    """Answer addresses that are none as the API answers, not with a page."""
    raise Http404


api.add_router("", realtime_router)
api.add_router("", inbox_router)
api.add_router("", latency_router)
api.add_router("", jobs_router)
api.add_router("", interventions_router)
api.add_router("", output_router)
api.add_router("", files_router)
api.add_router("", schedules_router)
api.add_router("", operations_router)
api.add_router("", _elsewhere)

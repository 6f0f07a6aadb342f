"""What a browser may do with our pages: load from here, run no inline script, keep nothing."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@sync_and_async_middleware
def page_security(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Add a Content-Security-Policy, and ``no-store`` where nothing else was said.

    Pages name a person and carry a CSRF token: neither belongs into a shared cache, nor on
    the screen of whoever presses Back after a log-out.
    """

    def secured(request: HttpRequest) -> HttpResponseBase:
        return _secure(get_response(request))

    async def asecured(request: HttpRequest) -> HttpResponseBase:
        return _secure(await get_response(request))

    return asecured if iscoroutinefunction(get_response) else secured


def _secure(response: HttpResponseBase) -> HttpResponseBase:
    response.setdefault("Content-Security-Policy", POLICY)
    response.setdefault("Cache-Control", "no-store")
    return response

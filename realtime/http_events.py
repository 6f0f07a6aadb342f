"""In front of Django: the ways to events that need neither a WebSocket nor a thread.

``GET /api/events`` with ``wait`` is a long poll, with ``Accept: text/event-stream`` a stream; as
a plain read it is Django's, as is everything else.
"""

from __future__ import annotations

from typing import Any

from realtime.http_polls import LongPoll
from realtime.http_refusals import refuse
from realtime.http_visits import Receive
from realtime.http_wishes import Wish, wish_of
from realtime.origins import App, may_connect
from realtime.server.handshake import Headers, Refusal
from realtime.streams import EventStream
from realtime.writer import Send, body_writer_of

PATH = "/api/events"


class EventsFirst:
    """Answers whoever waits for events, and passes all others on to ``app``."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        try:
            wish = wish_of(scope) if _is_ours(scope) else None
            if wish is not None:
                _check_page(scope)
        except Refusal as refusal:
            refuse(body_writer_of(scope, send, _nothing), refusal)
            return
        if wish is None:
            await self.app(scope, receive, send)
        else:
            await _visit(wish)(wish, scope, send).serve(receive)


def _is_ours(scope: dict[str, Any]) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return bool(path == PATH and scope["method"] == "GET")


def _visit(wish: Wish) -> type[EventStream | LongPoll]:
    return LongPoll if wish.wait else EventStream


def _check_page(scope: dict[str, Any]) -> None:
    """Refuse a page of another site, which would be sent its visitor's cookie along."""
    headers, is_safe = scope["headers"], scope.get("scheme") == "https"
    if not may_connect(headers, "wss" if is_safe else "ws") or _is_borrowed(headers):
        raise Refusal(403, "forbidden", "This page may not listen here.")


def _is_borrowed(headers: Headers) -> bool:
    # An <img> of another site sends no Origin; its request would count as one of its visitor's.
    named = dict(headers)
    return b"origin" not in named and named.get(b"sec-fetch-site") in {b"cross-site", b"same-site"}


def _nothing(code: int, reason: str) -> None: ...

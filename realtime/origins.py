"""Which pages may open a socket: the site's own origin and those that settings trust.

Channels' AllowedHostsOriginValidator compares the host name alone, so that a hostile page on
another port or scheme of the same host passes; an origin is all three (RFC 6454).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http.request import validate_host

App = Callable[..., Awaitable[None]]


class OriginCheck:
    """Refuses a browser's handshake from elsewhere with 403; a program sends no Origin."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, or refuse it."""
        if may_connect(scope["headers"], scope.get("scheme", "ws")):
            await self.app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def may_connect(headers: list[tuple[bytes, bytes]], scheme: str = "ws") -> bool:
    """Judge a handshake by its Host and Origin headers; two of either are refused."""
    hosts, origins = _values(headers, b"host"), _values(headers, b"origin")
    if len(hosts) != 1 or not validate_host(_name(hosts[0]), _allowed_hosts()):
        return False
    if not origins:
        return True  # no browser: nobody's cookies can be borrowed
    # Over plain HTTP browsers keep Secure cookies back: such a site is not there without TLS.
    site = "https" if settings.SESSION_COOKIE_SECURE or scheme == "wss" else "http"
    own = f"{site}://{hosts[0].lower()}"
    return len(origins) == 1 and origins[0] in {own, *settings.CSRF_TRUSTED_ORIGINS}


def _allowed_hosts() -> list[str]:
    # As HttpRequest.get_host(): while one develops, this machine goes without saying.
    if settings.DEBUG and not settings.ALLOWED_HOSTS:
        return [".localhost", "127.0.0.1", "[::1]"]
    return list(settings.ALLOWED_HOSTS)


def _values(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in headers if name == wanted]


def _name(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower()

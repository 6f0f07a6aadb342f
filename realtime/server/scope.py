"""From a request's head to an ASGI scope; what a client may not say is not believed."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote

from realtime.server.exchange import Scope
from realtime.server.handshake import Headers, Refusal

Address = list[Any] | None

#: Some readers of text take these for the end of a line (as in RFC 9110, section 5.5).
_NOT_IN_VALUES = b"\x0b\x0c\x1c\x1d\x1e\x85"
#: For Daphne's own front-end only; anybody may send it.
_IGNORED = b"daphne-root-path"
_lower: dict[bytes, bytes] = {}


def head_of(request: Any) -> Scope:
    """Build the scope of a request, with ``subprotocols`` if it asks for a WebSocket."""
    headers = _headers(request)
    client, server = _address(request.client), _address(request.host)
    is_socket = request.channel.factory.has_sockets and _asks_for_socket(headers)
    scheme = "http"
    if request.server.is_behind_proxy:
        client, scheme = _as_the_proxy_says(headers, client)
    scope: Scope = {
        "type": "websocket" if is_socket else "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1" if request.clientproto == b"HTTP/1.1" else "1.0",
        "scheme": scheme.replace("http", "ws") if is_socket else scheme,
        "path": unquote(_ascii(request.path)),
        "raw_path": request.path,
        "root_path": "",
        "query_string": _ascii(request.query_string).encode(),
        "headers": headers,
        "client": client,
        "server": server,
    }
    if is_socket:
        scope["subprotocols"] = []
    else:
        scope["method"] = _ascii(request.method)
    return scope


def _headers(request: Any) -> Headers:
    headers: Headers = []
    for name, values in request.requestHeaders.getAllRawHeaders():
        lower = _lower.get(name) or _lowered(name)
        # "X_Y" and "X-Y" become the same name in WSGI's way of naming (CVE-2015-0219).
        if lower == _IGNORED or b"_" in lower:
            continue
        for value in values:
            if len(value.translate(None, _NOT_IN_VALUES)) != len(value):
                raise Refusal(400, "bad_request", "A header's value holds control characters.")
            headers.append((lower, value))
    return headers


def _lowered(name: bytes) -> bytes:
    lower = name.lower()
    if len(_lower) < 1000:  # names are the client's choice
        _lower[name] = lower
    return lower


def _asks_for_socket(headers: Headers) -> bool:
    return any(n == b"upgrade" and v.lower() == b"websocket" for n, v in headers)


def _address(address: Any) -> Address:
    host = getattr(address, "host", None)
    return None if host is None else [str(host), address.port]


def _as_the_proxy_says(headers: Headers, client: Address) -> tuple[Address, str]:
    fields = dict(headers)
    # Without it the proxy's own address is the best that is known.
    with suppress(KeyError, ValueError):
        client = [str(ip_address(fields[b"x-real-ip"].decode("latin1"))), 0]
    return client, "https" if fields.get(b"x-forwarded-proto") == b"https" else "http"


def _ascii(text: bytes) -> str:
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise Refusal(400, "bad_request", "The request line is not ASCII.") from None

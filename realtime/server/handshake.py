"""The opening handshake of a WebSocket (RFC 6455, section 4.2). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from http import HTTPStatus

Headers = list[tuple[bytes, bytes]]

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_VERSION = b"13"


class Refusal(Exception):
    """The peer's request is answered with this status, code and sentence, as JSON."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def body(self) -> bytes:
        return json.dumps({"error": {"code": self.code, "message": self.message}}).encode()

    @property
    def headers(self) -> Headers:
        headers = [
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(self.body)),
        ]
        if self.status == HTTPStatus.UPGRADE_REQUIRED:
            headers.append((b"Sec-WebSocket-Version", _VERSION))
        return headers

    def response(self) -> bytes:
        """Write the whole response; the connection ends with it."""
        return _head(self.status, [*self.headers, (b"Connection", b"close")]) + self.body


def accept_key(method: bytes, version: bytes, headers: Headers) -> bytes:
    """Check an upgrade request and compute its Sec-WebSocket-Accept; a bad one is a Refusal.

    Header names are lower case. Origins are the application's business.
    """
    fields = dict(headers)
    if method != b"GET" or version != b"HTTP/1.1":
        raise Refusal(400, "bad_upgrade", "A WebSocket is opened by GET over HTTP/1.1.")
    if b"upgrade" not in fields.get(b"connection", b"").lower():
        raise Refusal(400, "bad_upgrade", "The Connection header does not say Upgrade.")
    if fields.get(b"sec-websocket-version") != _VERSION:
        raise Refusal(426, "bad_version", "This server speaks version 13 of WebSocket.")
    key = fields.get(b"sec-websocket-key", b"")
    if b"host" not in fields or not _is_key(key):
        raise Refusal(400, "bad_upgrade", "Host or a valid Sec-WebSocket-Key is missing.")
    # RFC 6455 prescribes SHA-1 here; nothing secret depends on it.
    return base64.b64encode(hashlib.sha1(key + _MAGIC, usedforsecurity=False).digest())


def offered(headers: Headers) -> list[str]:
    """List the subprotocols that the peer offers; an empty header offers none."""
    value = b",".join(value for name, value in headers if name == b"sec-websocket-protocol")
    return [name.strip() for name in value.decode("latin1").split(",") if name.strip()]


def agreement(key: bytes, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write the 101 response."""
    head: Headers = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Accept", key),
        *headers,
    ]
    if subprotocol:
        head.append((b"Sec-WebSocket-Protocol", subprotocol.encode("ascii")))
    return _head(101, head)


def _is_key(key: bytes) -> bool:
    try:
        return len(key) == 24 and len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


def _head(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    phrase = HTTPStatus(status).phrase.encode()
    lines = [b"HTTP/1.1 %d %s" % (status, phrase), *(b"%s: %s" % pair for pair in headers)]
    return b"\r\n".join([*lines, b"", b""])

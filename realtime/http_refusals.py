"""How a stream or a long poll is refused: a status, and the API's JSON that says why."""

from __future__ import annotations

from http import HTTPStatus

from realtime import protocol
from realtime.api_auth import REFUSED
from realtime.errors import Disconnect, TokenExpired
from realtime.server.handshake import Headers, Refusal
from realtime.writer import BodyWriter

_TOO_MANY = {protocol.TOO_MANY_REQUESTS[0], protocol.CONNECTION_LIMIT[0]}
_STRANGERS = {
    code
    for code, _ in (
        protocol.BAD_REQUEST,
        protocol.INVALID_TOKEN,
        protocol.EXPIRED,
        protocol.FORCE_RECONNECT,
        protocol.FORCE_DISCONNECT,
    )
}
_MORE: dict[int, Headers] = {
    HTTPStatus.UNAUTHORIZED: [(b"www-authenticate", b"Bearer")],
    HTTPStatus.TOO_MANY_REQUESTS: [(b"retry-after", b"1")],
    HTTPStatus.SERVICE_UNAVAILABLE: [(b"retry-after", b"1")],
}


def refusal_of(problem: Exception) -> Refusal:
    """Say in HTTP what stands in somebody's way."""
    match problem:
        case Refusal():
            return problem
        case TokenExpired():
            return Refusal(401, "unauthorized", REFUSED)
        case Disconnect(code=code) if code in _STRANGERS:
            return Refusal(401, "unauthorized", REFUSED)
        case Disconnect(code=code) if code in _TOO_MANY:
            return Refusal(429, "too_many_requests", "There are too many of you; try again later.")
        case Disconnect():
            return Refusal(503, "busy", "This cannot be answered now; try again.")
        case _:
            return Refusal(403, "forbidden", "You may not hear this topic.")


def refuse(outlet: BodyWriter, refusal: Refusal) -> None:
    """Write the whole response."""
    headers = [(name.lower(), value) for name, value in refusal.headers]
    never_kept = (b"cache-control", b"no-store")
    outlet.start(refusal.status, [*headers, never_kept, *_MORE.get(refusal.status, ())])
    outlet.finish(refusal.body)

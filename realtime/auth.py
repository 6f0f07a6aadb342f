"""Who is connecting: the session behind the cookie, or the token's bearer.

``claim`` reads who this says it is, ``prove`` whether it is true. Between the two the place in
the personal topic is read, so that what ends a session after the proof is an event after that
place, and none is missed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.core.exceptions import ValidationError
from django.http.cookie import parse_cookie
from django.utils.crypto import constant_time_compare

from realtime import accounts, tickets, tokens
from realtime.effects import Identity
from realtime.errors import Disconnect
from realtime.protocol import BAD_REQUEST, INVALID_TOKEN


@dataclass(frozen=True, slots=True)
class Credential:
    """What a handshake brings: the key of a session, or a ticket for one."""

    session_key: str = ""
    ticket: str = ""


def credential(scope: dict[str, Any]) -> Credential:
    """Find the session's cookie, and a ticket in the query string: nothing else is read there."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return Credential(session_cookie(scope["headers"]), query.get("ticket", [""])[0])


def session_cookie(headers: list[tuple[bytes, bytes]]) -> str:
    """Find the session's key among a handshake's headers; empty where there is none."""
    for name, value in headers:
        if name == b"cookie":
            return _cookie(value.decode("latin-1"))
    return ""


def claim(token: str, found: Credential) -> Identity:
    """Read whose token or session this is; a session asks the database.

    A token counts before a ticket, that before the cookie. An expired token is TokenExpired;
    one that is wrong is a Disconnect for good, as is no credential at all.
    """
    if token:
        claims = tokens.read(token)
        return Identity(claims.user_id, ttl=max(1, int(claims.expires_at - time.time())))
    session_key = tickets.redeem(found.ticket) if found.ticket else found.session_key
    content = accounts.session_of(session_key) if session_key else {}
    user_id, backend = content.get(SESSION_KEY), content.get(BACKEND_SESSION_KEY)
    if not user_id or not backend or backend not in settings.AUTHENTICATION_BACKENDS:
        raise Disconnect(*BAD_REQUEST)
    session_hash = content.get(HASH_SESSION_KEY) or ""
    # There are few backends and many sockets: one copy of each name is enough.
    return Identity(_as_text(user_id), session_key, sys.intern(backend), session_hash)


def prove(who: Identity) -> None:
    """Ask the database whether a claim holds now; it is a Disconnect for good if it does not."""
    if not who.session_key:
        if not accounts.is_active(who.user_id):
            raise Disconnect(*INVALID_TOKEN)
        return
    user = accounts.user_in_session(who.backend, who.user_id, who.session_key)
    # An authentication backend may let anybody in; the roll call would not let them stay.
    is_active = user is not None and getattr(user, "is_active", True)
    if not is_active or not is_of_today(user, who.session_hash):
        raise Disconnect(*BAD_REQUEST)


def renew(token: str) -> Identity:
    """Read the new token of a connection, and prove it."""
    who = claim(token, Credential())
    prove(who)
    return who


def is_of_today(user: Any, session_hash: str) -> bool:
    """Tell whether a session began with the password of today.

    A changed password changes the hash; a rotated SECRET_KEY leaves fallbacks.
    """
    if constant_time_compare(session_hash, user.get_session_auth_hash()):
        return True
    fallbacks = user.get_session_auth_fallback_hash()
    return any(constant_time_compare(session_hash, each) for each in fallbacks)


def _cookie(text: str) -> str:
    # Not SimpleCookie: one cookie of another program that it dislikes hides all the others.
    key = parse_cookie(text).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isprintable() else ""  # a quoted NUL is more than PostgreSQL takes


def _as_text(user_id: str) -> str:
    try:
        return str(get_user_model()._meta.pk.to_python(user_id))
    except ValidationError:
        raise Disconnect(*BAD_REQUEST) from None

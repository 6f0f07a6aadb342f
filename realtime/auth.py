"""Who is connecting: the session behind the cookie, or the token's bearer."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.http.cookie import parse_cookie
from django.utils.crypto import constant_time_compare

from realtime import accounts, tokens
from realtime.effects import Identity
from realtime.errors import Disconnect
from realtime.protocol import BAD_REQUEST, INVALID_TOKEN


def session_cookie(headers: list[tuple[bytes, bytes]]) -> str:
    """Find the session's key among a handshake's headers; empty where there is none."""
    for name, value in headers:
        if name == b"cookie":
            return _cookie(value.decode("latin-1"))
    return ""


def identify(token: str, session_key: str) -> Identity:
    """Prove who this is; asks the database.

    A token counts before the session. An expired one is TokenExpired; one that is wrong, or
    of somebody who may no longer sign in, a Disconnect for good, as is no credential at all.
    """
    if token:
        return _bearer(token)
    user_id = _user_of(session_key) if session_key else None
    if user_id is None:
        raise Disconnect(*BAD_REQUEST)
    return Identity(user_id, session_key)


def _bearer(token: str) -> Identity:
    claims = tokens.read(token)
    users = get_user_model()._default_manager
    if not users.filter(pk=claims.user_id, is_active=True).exists():
        raise Disconnect(*INVALID_TOKEN)
    return Identity(claims.user_id, ttl=max(1, int(claims.expires_at - time.time())))


def _cookie(text: str) -> str:
    # Not SimpleCookie: one cookie of another program that it dislikes hides all the others.
    key = parse_cookie(text).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isprintable() else ""  # a quoted NUL is more than PostgreSQL takes


def _user_of(session_key: str) -> str | None:
    """Judge a session as Django does, but change nothing in it."""
    session = accounts.session_of(session_key)
    user_id, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if not user_id or not backend or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = accounts.user_of(backend, user_id)
    if user is None or not _is_of_today(user, session.get(HASH_SESSION_KEY, "")):
        return None
    return str(user.pk)


def _is_of_today(user: Any, session_hash: str) -> bool:
    """A changed password changes the hash; a rotated SECRET_KEY leaves fallbacks."""
    if constant_time_compare(session_hash, user.get_session_auth_hash()):
        return True
    fallbacks = user.get_session_auth_fallback_hash()
    return any(constant_time_compare(session_hash, each) for each in fallbacks)

"""Sessions that nobody had to log in for; for programs that have Django set up."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

LASTS = timedelta(days=14)


def begin(user: User) -> str:
    """Begin a session in which this user is logged in; return its key."""
    session = session_of(user, secrets.token_hex(16))
    session.save()
    return session.session_key


def session_of(user: User, key: str) -> Session:
    """Make, and do not save, a session in which this user is logged in."""
    login = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(
        session_key=key,
        session_data=SessionStore().encode(login),
        expire_date=timezone.now() + LASTS,
    )

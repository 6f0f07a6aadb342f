"""Prints a session key for each of so many users, which it makes, under either side's settings."""

from __future__ import annotations

import sys
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402


def make(count: int) -> list[str]:
    """Migrate, make users 1…count, log each in, and return their session keys."""
    call_command("migrate", verbosity=0)
    users = [User(pk=pk, username=f"user{pk}", password="!") for pk in range(1, count + 1)]
    sessions = [_session(user) for user in users]
    with transaction.atomic():
        User.objects.bulk_create(users)
        Session.objects.bulk_create(sessions)
    return [str(session.pk) for session in sessions]


def _session(user: User) -> Session:
    login = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(
        session_key=f"bench{user.pk:027d}",
        session_data=SessionStore().encode(login),
        expire_date=timezone.now() + timedelta(days=1),
    )


if __name__ == "__main__":
    print("\n".join(make(int(sys.argv[1]))))

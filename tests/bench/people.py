"""Prints a session key for each of so many users, which it makes, under either side's settings."""

from __future__ import annotations

import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from tests.sessions import session_of  # noqa: E402


def make(count: int) -> list[str]:
    """Migrate, make users 1…count, log each in, and return their session keys."""
    call_command("migrate", verbosity=0)
    users = [User(pk=pk, username=f"user{pk}", password="!") for pk in range(1, count + 1)]
    sessions = [session_of(user, f"bench{user.pk:027d}") for user in users]
    with transaction.atomic():
        User.objects.bulk_create(users)
        Session.objects.bulk_create(sessions)
    return [str(session.pk) for session in sessions]


if __name__ == "__main__":
    print("\n".join(make(int(sys.argv[1]))))

"""Migrates, and prints a session key for each session of each user, all of which it makes.

``python -m tests.chaos.harness.crowd USERS SESSIONS`` prints a list of lists in JSON: of each
user, with the keys 1…USERS, so many session keys.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from tests.sessions import session_of  # noqa: E402


def make(users: int, sessions: int) -> list[list[str]]:
    """Make the users and their sessions, and return the sessions' keys."""
    call_command("migrate", verbosity=0)
    people = [User(pk=pk, username=f"user{pk}", password="!") for pk in range(1, users + 1)]
    rows = [
        [session_of(user, f"chaos{user.pk:020d}x{n:06d}") for n in range(sessions)]
        for user in people
    ]
    with transaction.atomic():
        User.objects.bulk_create(people)
        Session.objects.bulk_create(session for own in rows for session in own)
    return [[str(session.pk) for session in own] for own in rows]


if __name__ == "__main__":
    print(json.dumps(make(*map(int, sys.argv[1:]))))

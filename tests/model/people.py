"""The people of the model, their sessions, and how those end; all in the real tables."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from tests.sessions import begin

USERS = (1, 2)

_passwords = count(1)


def settle_in() -> None:
    """Make the people."""
    for pk in USERS:
        User.objects.create(pk=pk, username=f"user{pk}", password="!")


def sign_in(user: int) -> str:
    """Begin a session; return its key."""
    return begin(User.objects.get(pk=user))


def sign_out(session: str) -> None:
    """End a session, as Django does."""
    Session.objects.get(pk=session).delete()


def forget(session: str) -> None:
    """End a session as another program would: nothing is told."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session WHERE session_key = %s", [session])


def change_password(user: int) -> None:
    """End all sessions of a person."""
    person = User.objects.get(pk=user)
    person.password = f"!{next(_passwords)}"
    with transaction.atomic():
        person.save(update_fields=["password"])

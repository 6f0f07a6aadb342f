"""``manage.py token alice`` prints a bearer token for the API and the socket."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from realtime import tokens


class Command(BaseCommand):
    """Print a bearer token and nothing else, so that a shell can keep it."""

    help = "Print a bearer token for a user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--minutes", type=int, default=tokens.LIFETIME_SECONDS // 60)

    def handle(self, *args: Any, username: str, minutes: int, **options: Any) -> None:
        users = get_user_model()
        user = users.objects.filter(**{users.USERNAME_FIELD: username}).first()
        if user is None or not user.is_active:
            raise CommandError(f"There is no active user {username!r}.")
        self.stdout.write(tokens.make(user.pk, minutes * 60))

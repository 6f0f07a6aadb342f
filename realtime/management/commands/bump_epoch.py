"""``manage.py bump_epoch``: begin a new history after the database was restored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from realtime.log import bump_epoch


class Command(BaseCommand):
    """Give every stream a new epoch, so that every client reloads."""

    help = "After a restore from a backup: make every client reload instead of going on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Bump, and say how many streams there are."""
        self.stdout.write(f"{bump_epoch()} streams begin a new history.")

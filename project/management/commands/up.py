"""``manage.py up``: the whole platform on one machine."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from project.up import reload
from project.up.errors import UpError
from project.up.folders import Folders
from project.up.leash import end_with_parent
from project.up.plan import Size, settle
from project.up.platform import live


class Command(BaseCommand):
    """Starts Redis, Daphnes, workers, beat and reconciler; stops them on Ctrl-C."""

    help = "Run the whole platform on this machine until Ctrl-C."
    requires_system_checks = []  # what it starts checks itself; here it would only cost time

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--web", type=_count, default=2, help="Daphne processes (2)")
        parser.add_argument(
            "--workers", type=_count, default=1, help="Celery workers per queue (1)"
        )
        parser.add_argument(
            "--end-with-parent", action="store_true", help="stop when the parent process ends"
        )

        parser.add_argument(
            "--reload",
            action="store_true",
            help="replace the processes of the platform that runs, one by one, and losing nothing",
        )

    def handle(self, **options: Any) -> None:
        """Run it; what keeps it from starting is one sentence and exit code 1."""
        if options["reload"]:
            self._reload()
            return
        if options["end_with_parent"]:
            end_with_parent(os.getppid())
        try:
            asyncio.run(live(settle(Size(options["web"], options["workers"]))))
        except (UpError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error

    def _reload(self) -> None:
        folders = Folders.of(settings.DATA_DIR)
        try:
            reload.ask(folders.lock, folders.reload_report, self.stdout.write)
        except UpError as error:
            raise CommandError(str(error)) from error


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise ValueError
    return number

"""The chaos app."""

from django.apps import AppConfig
from django.conf import settings


class ChaosConfig(AppConfig):
    """Plants a bug, where the settings say so."""

    name = "tests.chaos.app"
    label = "chaos"

    def ready(self) -> None:
        from tests.chaos.app import bugs, queries

        if settings.CHAOS_COUNT_QUERIES:
            queries.count()
        if settings.CHAOS_BUG:
            bugs.plant(settings.CHAOS_BUG)

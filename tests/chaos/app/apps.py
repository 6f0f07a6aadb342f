"""The chaos app."""

from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings


class ChaosConfig(AppConfig):
    """Shortens leases and plants a bug, where the settings say so."""

    name = "tests.chaos.app"
    label = "chaos"

    def ready(self) -> None:
        from tasks import jobs, warden
        from tests.chaos.app import bugs, queries

        if settings.CHAOS_LEASE_SECONDS:
            seconds = float(settings.CHAOS_LEASE_SECONDS)
            jobs.LEASE = timedelta(seconds=seconds)
            warden.RENEW_SECONDS = seconds / 6
        if settings.CHAOS_COUNT_QUERIES:
            queries.count()
        if settings.CHAOS_BUG:
            bugs.plant(settings.CHAOS_BUG)

"""The session engine that keeps its rows in ``Visit``."""

from __future__ import annotations

from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """A session in a row of that table."""

    @classmethod
    def get_model_class(cls):
        return apps.get_model("members", "Visit")

"""Django's view of the delivery app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Streams, topics and sockets."""

    name = "realtime"
    default_auto_field = "django.db.models.BigAutoField"

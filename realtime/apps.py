"""Django's view of the delivery app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Streams, topics and sockets."""

    name = "realtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what being ready means."""
        from realtime import checks, inbox, operations, revocation  # noqa: F401 (checks register themselves)
        from realtime.health import register_check
        from realtime.hub import layer_answers
        from realtime.redis import redis_answers

        inbox.register()
        operations.register()
        revocation.connect()
        register_check("redis", redis_answers)
        register_check("layer", layer_answers)

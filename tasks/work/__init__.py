"""The jobs that come with it, one module per kind."""

from tasks.work import images, mail, notification_mail, reports, upkeep

__all__ = ["images", "mail", "notification_mail", "reports", "upkeep"]

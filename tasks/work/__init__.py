"""The jobs that come with it, one module per kind."""

from tasks.work import images, mail, reports, upkeep

__all__ = ["images", "mail", "reports", "upkeep"]

"""The jobs that come with it, one module per kind."""

from tasks.work import images, mail, reports

__all__ = ["images", "mail", "reports"]

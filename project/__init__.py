"""The composition root: it imports everything and is imported by nobody."""

from project.celery import app as celery_app

__all__ = ["celery_app"]

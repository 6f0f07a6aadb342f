"""The project itself, so that its management commands and templates are found."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The composition root."""

    name = "project"

"""Django's view of the job app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Jobs, their workers and files."""

    name = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

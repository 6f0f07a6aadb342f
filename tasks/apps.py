"""Django's view of the job app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TasksConfig(AppConfig):
    """Jobs, their workers and files."""

    name = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find the jobs of every app, in its ``work`` module, and watch over the workers."""
        from django.db.models.signals import post_delete

        from realtime.health import register_check
        from tasks import checks, figures, files, watcher  # noqa: F401 (checks register themselves)
        from tasks.liveness import check_worker

        autodiscover_modules("work")
        register_check("worker", check_worker)
        post_delete.connect(files.forget_bytes, sender="tasks.File", dispatch_uid="tasks.files")
        watcher.connect()
        figures.register()

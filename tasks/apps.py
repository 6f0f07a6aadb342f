"""Django's view of the job app."""

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

_BUILT_ON = ("realtime", "django_celery_beat")


class TasksConfig(AppConfig):
    """Jobs, their workers and files."""

    name = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the models; a sentence first, where what they are built on is not installed."""
        missing = [name for name in _BUILT_ON if not apps.is_installed(name)]
        if missing:
            raise ImproperlyConfigured(f"Add {missing} to INSTALLED_APPS: tasks needs them.")
        super().import_models()

    def ready(self) -> None:
        """Find the jobs of every app, in its ``work`` module, and watch over the workers."""
        from django.db.models.signals import post_delete

        from realtime import departure, preferences
        from realtime.health import register_check
        from tasks import checks, figures, files, rows, tags, watcher  # noqa: F401 (checks and tags register themselves)
        from tasks.liveness import check_worker
        from tasks.work import notification_mail

        autodiscover_modules("work")
        register_check("worker", check_worker)
        post_delete.connect(files.forget_bytes, sender="tasks.File", dispatch_uid="tasks.files")
        watcher.connect()
        figures.register()
        departure.register(rows.hold_all)
        preferences.register_way(preferences.EMAIL, notification_mail.send)

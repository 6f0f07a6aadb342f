"""The Celery application. Its messages only wake queues: the job's row is the job."""

from __future__ import annotations

import os

from celery import Celery

from tasks.celery_defaults import celery_defaults

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("bellwire")
# Threads other than the importing one would be given an app without our settings.
app.set_default()
app.add_defaults(celery_defaults)
app.config_from_object("django.conf:settings", namespace="CELERY")
# The modules where Celery's users have always kept their tasks.
app.autodiscover_tasks(related_name="tasks")

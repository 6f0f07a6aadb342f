"""What Django should complain of before any job runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.urls import Resolver404, resolve

from realtime.conf import mistakes
from realtime.errors import InvalidNotification
from realtime.notifications import check_link
from tasks import notices, storage
from tasks.conf import conf
from tasks.job import registry

_CELERY_PY = """\
app.add_defaults(celery_defaults) in celery.py, and "from .celery import app as celery_app" in the \
__init__.py beside it."""


@register("tasks")
def check_queues(**_: Any) -> list[CheckMessage]:
    """Every kind of job has a queue that workers serve: one that is misspelt waits for ever."""
    return [
        Error(
            f"The kind of job {kind!r} has the queue {function.queue!r}, which is not declared.",
            hint=f"JOB_QUEUES is {', '.join(conf.JOB_QUEUES)}.",
            id="tasks.E001",
        )
        for kind, function in sorted(registry.items())
        if function.queue not in conf.JOB_QUEUES
    ]


@register("tasks")
def check_time_limits(**_: Any) -> list[CheckMessage]:
    """A job is told to end before it is killed."""
    if conf.JOB_SOFT_LIMIT_SECONDS <= conf.JOB_HARD_LIMIT_SECONDS:
        return []
    hint = "JOB_SOFT_LIMIT_SECONDS is not above JOB_HARD_LIMIT_SECONDS."
    return [Error("Jobs would be killed before they are told to end.", hint=hint, id="tasks.E002")]


@register("tasks")
def check_types(**_: Any) -> list[CheckMessage]:
    """Settings are of the types that are expected."""
    hint = "See tasks/conf.py."
    return [Error(mistake, hint=hint, id="tasks.E003") for mistake in mistakes(conf)]


@register("tasks")
def check_files_root(**_: Any) -> list[CheckMessage]:
    """Uploads and results have a place of their own, which nobody serves to everybody."""
    hint = 'Set JOB_FILES_ROOT, to BASE_DIR / "job-files" for instance.'
    media = str(settings.MEDIA_ROOT)
    if not (conf.JOB_FILES_ROOT or media):
        message = "Uploads and results would lie wherever a process was started."
        return [Error(message, hint=hint, id="tasks.E004")]
    root, served = storage.root().absolute(), Path(media).absolute()
    if media and settings.MEDIA_URL not in ("", "/") and served in (root, *root.parents):
        message = "Uploads and results are private, and lie in MEDIA_ROOT, which has an address."
        return [Warning(message, hint=hint, id="tasks.W005")]
    return []


@register("tasks")
def check_celery(**_: Any) -> list[CheckMessage]:
    """Celery knows the task that runs jobs, and where to send what wakes their queues."""
    known = {*current_app.conf.imports, *current_app.conf.include}
    if "tasks.worker" in known and current_app.conf.broker_url:
        return []
    message = "No Celery application wakes the workers."
    return [Error(message, hint=_CELERY_PY, id="tasks.E006")]


@register("tasks")
def check_api(**_: Any) -> list[CheckMessage]:
    """The API is where the browser's client looks for it."""
    try:
        is_ours = "bellwire" in resolve("/api/kinds").namespaces
    except Resolver404:
        is_ours = False
    if is_ours:
        return []
    hint = 'In urls.py: from tasks.endpoints import api, and path("api/", api.urls).'
    return [Warning("The API is not at /api/.", hint=hint, id="tasks.W007")]


@register("tasks")
def check_clock(**_: Any) -> list[CheckMessage]:
    """Times have a time zone: leases are compared with the database's clock."""
    if settings.USE_TZ:
        return []
    return [Error("Jobs need times with a time zone.", hint="Set USE_TZ.", id="tasks.E008")]


@register("tasks")
def check_links(**_: Any) -> list[CheckMessage]:
    """What owners are notified of leads somewhere: else no job that tells them could end."""
    links = {"JOB_PAGE": conf.JOB_PAGE and notices.page_of(UUID(int=0)), "SITE_URL": conf.SITE_URL}
    return [
        Error(f"{name} is {link!r}. {problem}", hint="See tasks/conf.py.", id="tasks.E009")
        for name, link in links.items()
        if link and (problem := _problem_of(link))
    ]


def _problem_of(link: str) -> str:
    try:
        check_link(link)
    except InvalidNotification as error:
        return str(error)
    return ""

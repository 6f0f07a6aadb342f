"""What Django should complain of before any job runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from tasks.job import registry


@register("tasks")
def check_queues(**_: Any) -> list[CheckMessage]:
    """Every kind of job has a queue that workers serve: one that is misspelt waits for ever."""
    return [
        Error(
            f"The kind of job {kind!r} has the queue {function.queue!r}, which is not declared.",
            hint=f"JOB_QUEUES is {', '.join(settings.JOB_QUEUES)}.",
            id="tasks.E001",
        )
        for kind, function in sorted(registry.items())
        if function.queue not in settings.JOB_QUEUES
    ]


@register("tasks")
def check_time_limits(**_: Any) -> list[CheckMessage]:
    """A job is told to end before it is killed."""
    if settings.JOB_SOFT_LIMIT_SECONDS <= settings.JOB_HARD_LIMIT_SECONDS:
        return []
    hint = "JOB_SOFT_LIMIT_SECONDS is not above JOB_HARD_LIMIT_SECONDS."
    return [Error("Jobs would be killed before they are told to end.", hint=hint, id="tasks.E002")]

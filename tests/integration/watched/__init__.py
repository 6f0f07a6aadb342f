"""Watched tasks: what their tests share."""

from __future__ import annotations

import uuid

from tasks.models import Step

TASK_ID = uuid.UUID(int=7)


def timeline():
    return " ".join(f"{step.attempt}{step.name}" for step in Step.objects.order_by("id"))


WHOLE = "0queued 1started 1succeeded"

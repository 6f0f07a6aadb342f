"""Bugs of how jobs come to their end."""

from __future__ import annotations

from typing import Any

from tasks import jobs
from tasks.management.commands import reconcile
from tasks.models import Job
from tasks.states import State


def no_reconciler() -> None:
    """Never look for jobs that were left behind."""

    def look() -> tuple[int, int]:
        return 0, 0

    reconcile.reconcile = look


def no_token_on_final_update() -> None:
    """Let an attempt end the job though another one has taken it over."""

    def held(job: Job) -> dict[str, Any]:
        return {"id": job.pk, "state": State.RUNNING}

    jobs._held = held


def no_final_state_guard() -> None:
    """Let an attempt end the job though it is at its end already."""

    def held(job: Job) -> dict[str, Any]:
        return {"id": job.pk}

    jobs._held = held

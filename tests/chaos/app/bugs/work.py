"""Bugs of how jobs come to their end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from realtime.publish import batch, publish
from realtime.topics import Topic
from tasks import announce, enqueueing, moves
from tasks.job import JobFunction
from tasks.management.commands import reconcile
from tasks.models import Job
from tasks.options import Options
from tasks.reconcile import Found
from tasks.states import State

#: How much later than it should something is written.
LATE_SECONDS = 1.0


def answer_before_commit() -> None:
    """Answer that a job was recorded, and record it a little later."""
    submit = enqueueing.submit

    def record(job: Job) -> None:
        with contextlib.closing(connection), batch():
            job.save(force_insert=True)
            announce.moved(job)

    def answer(
        function: JobFunction, owner: Any, arguments: Mapping[str, Any], options: Options
    ) -> tuple[Job, bool]:
        with transaction.atomic():
            job, _ = submit(function, owner, arguments, options)
            transaction.set_rollback(True)
        threading.Timer(LATE_SECONDS, record, [job]).start()
        return job, True

    enqueueing.submit = answer


def told_to_a_neighbour() -> None:
    """Tell the first user of everybody's jobs."""
    moved = announce.moved

    def tell_both(job: Job) -> None:
        moved(job)
        publish(Topic.of_user(1), announce.EVENTS[State(job.state)], job=announce.describe(job))

    announce.moved = tell_both


def no_reconciler() -> None:
    """Never look for jobs that were left behind."""

    def look() -> Found:
        return Found()

    reconcile.reconcile = look


def no_token_on_final_update() -> None:
    """Let an attempt end the job though another one has taken it over."""

    def held(job: Job) -> dict[str, Any]:
        return {"id": job.pk, "state": State.RUNNING}

    moves.held = held


def no_final_state_guard() -> None:
    """Let an attempt end the job though it is at its end already."""

    def held(job: Job) -> dict[str, Any]:
        return {"id": job.pk}

    moves.held = held

"""What Celery makes of the defaults that are not its own."""

from __future__ import annotations

from celery.fixups.django import DjangoWorkerFixup

from project.celery import app


def test_a_worker_keeps_its_database_connection_from_task_to_task() -> None:
    assert DjangoWorkerFixup(app).db_reuse_max == 1_000_000

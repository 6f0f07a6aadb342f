"""Telling Celery, without anybody waiting for it, that a task is not wanted any more.

A hint, as a wake-up is: workers that run now and have not begun the task will pass it over. One
that is away, or starts later, has not heard.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

#: Tasks that may wait to be told of; more are not told of at all.
MAX_WAITING = 1_000
_TRANSPORT = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "max_retries": 1}


class _Sender:
    """One thread, and how many it may have before it."""

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(MAX_WAITING)
        self._thread = ThreadPoolExecutor(1, "revoke")

    def add(self, task_id: UUID) -> None:
        if self._room.acquire(blocking=False):
            self._thread.submit(self._send, task_id)

    def _send(self, task_id: UUID) -> None:
        try:
            with current_app.connection_for_write(transport_options=_TRANSPORT) as connection:
                current_app.control.revoke(str(task_id), connection=connection)
        except Exception as error:  # the thread's outermost code; kombu raises many kinds
            logger.warning("No task was revoked: %s", error, extra={"action": "revoke.failed"})
        finally:
            self._room.release()


_sender = _Sender()


def revoke_on_commit(task_id: UUID) -> None:
    """Have a task that waits passed over, once the transaction has committed."""

    # A def, not a partial: Django logs a robust hook's __qualname__ when it fails.
    def hook() -> None:
        _sender.add(task_id)

    transaction.on_commit(hook, robust=True)


def _forget() -> None:
    """Begin anew in a forked child: the thread is the parent's."""
    global _sender
    _sender = _Sender()


os.register_at_fork(after_in_child=_forget)

"""Waking queues: one thread per process sends Celery's messages, so that nobody waits for them.

A message names a queue and carries no job. One that is lost, or dropped here because Redis
is away, costs a few seconds: ``tasks.reconcile`` finds the job and wakes its queue again.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import Counter
from typing import Any

from celery import current_app
from django.db import transaction

from realtime import metrics

logger = logging.getLogger(__name__)

#: The one Celery task; ``tasks.worker`` defines it.
TASK = "tasks.work"
#: Messages that may wait to be sent; more are dropped, and counted.
MAX_WAITING = 10_000
#: After a failure nothing is sent for this long: the reconciler will.
PAUSE_SECONDS = 2.0
FLUSH_SECONDS = 1.0
#: For this thread alone, and without the client's own retries.
_TRANSPORT = {
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


class Sender:
    """Counts of messages to send per queue, and the thread that sends them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: Counter[str] = Counter()
        self._is_busy = False
        self._thread: threading.Thread | None = None
        self._producer: Any = None

    def add(self, queue: str, times: int = 1) -> None:
        """Note that a queue is to be woken; never waits for Redis."""
        with self._changed:
            room = MAX_WAITING - self._waiting.total()
            if times > room:
                metrics.wakes_dropped.inc(times - room)
            self._waiting[queue] += min(times, room)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = FLUSH_SECONDS) -> bool:
        """Wait until all is sent or dropped, but not longer than this; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._is_busy and not self._waiting.total(), seconds
            )

    def hang_up(self) -> None:
        """Send what comes next by a new connection."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_busy, FLUSH_SECONDS)
            if self._producer is not None:
                self._producer.connection.release()
                self._producer = None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._waiting.total)
                queue = self._next()
                self._is_busy = True
            sent = self._send(queue)
            with self._changed:
                self._is_busy = False
                if not sent:
                    self._drop()
                self._changed.notify_all()
            if not sent:
                time.sleep(PAUSE_SECONDS)

    def _next(self) -> str:
        queue = next(iter(self._waiting))
        self._waiting[queue] -= 1
        if not self._waiting[queue]:
            del self._waiting[queue]
        return queue

    def _drop(self) -> None:
        metrics.wakes_dropped.inc(1 + self._waiting.total())
        self._waiting.clear()

    def _send(self, queue: str) -> bool:
        try:
            if self._producer is None:
                self._producer = _dial()
            # Without task_id Celery makes a new one: ids that were revoked stay revoked.
            current_app.send_task(TASK, (queue,), queue=queue, producer=self._producer, retry=False)
        except Exception as error:  # the thread's outermost loop; kombu raises many kinds
            logger.warning("No wake-up was sent: %s", error, extra={"action": "wake.failed"})
            self._producer = None
            return False
        return True


def _dial() -> Any:
    connection = current_app.connection_for_write(transport_options=_TRANSPORT)
    return current_app.amqp.Producer(connection, auto_declare=False)


_sender = Sender()


def wake(queue: str, times: int = 1) -> None:
    """Have a queue's workers told, soon and without waiting, that there is work."""
    _sender.add(queue, times)


def wake_on_commit(queue: str) -> None:
    """Wake a queue once the transaction has committed; at once outside of one."""

    # A def, not a partial: Django logs a robust hook's __qualname__ when it fails.
    def hook() -> None:
        wake(queue)

    transaction.on_commit(hook, robust=True)


def flush(seconds: float = FLUSH_SECONDS) -> bool:
    """Wait for what is being sent, for at most ``seconds``; tell whether all is gone."""
    return _sender.flush(seconds)


def hang_up() -> None:
    """Send what comes next by a new connection, since Celery's settings have changed."""
    _sender.hang_up()


def _forget() -> None:
    """Begin anew in a forked child: the thread and its connection are the parent's."""
    global _sender
    _sender = Sender()


os.register_at_fork(after_in_child=_forget)
# A command that enqueues and ends would take its daemon thread, and the messages, with it.
atexit.register(flush)

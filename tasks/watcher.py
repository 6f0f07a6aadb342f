"""What Celery's signals tell of tasks that are called with an owner; no task's code changes.

``tidy.apply_async(args, headers={"bellwire_owner": user.pk})``

A task must never be hindered by being watched: what cannot be recorded is logged and counted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from celery import signals
from celery.app.task import Context
from django.db import connection

from realtime import metrics
from tasks import watched
from tasks.excuses import went_wrong
from tasks.outcomes import Outcome
from tasks.shown import moment_of, outcome_of, shown, shown_call, trace_of
from tasks.states import State
from tasks.wake import TASK
from tasks.watched import Call

logger = logging.getLogger(__name__)

#: The header that names the user for whom a task is called, by primary key.
OWNER = "bellwire_owner"
#: How long the end of a task is kept for a database that is locked or gone.
END_SECONDS = 10.0
#: The process that a worker's children are forked from.
_parent = 0

Receiver = Callable[..., None]


def connect() -> None:
    """Listen to Celery, in whatever process this is."""
    signals.worker_init.connect(_remember, dispatch_uid="tasks.watcher")
    listeners: Mapping[Any, Receiver] = {
        signals.after_task_publish: _published,
        signals.task_prerun: _started,
        signals.task_success: _succeeded,
        signals.task_failure: _failed,
        signals.task_internal_error: _failed,
        signals.task_retry: _retried,
        signals.task_revoked: _revoked,
    }
    for signal, listener in listeners.items():
        signal.connect(_harmless(listener), weak=False, dispatch_uid="tasks.watcher")


def _harmless(listener: Receiver) -> Receiver:
    @wraps(listener)
    def receive(sender: Any, **told: Any) -> None:
        if getattr(sender, "name", sender) == TASK:
            return  # our own, of which there are a thousand a second
        must_close = os.getpid() == _parent and connection.connection is None
        try:
            listener(sender=sender, **told)
        except Exception as error:  # the edge of other people's work, which must go on
            metrics.watching_failed.inc()
            logger.warning(
                "A task could not be watched: %r", error, extra={"action": "watched.failed"}
            )
        finally:
            if must_close:
                connection.close()  # the next child must not inherit it

    return receive


def _remember(**_: Any) -> None:
    global _parent
    _parent = os.getpid()


def _published(headers: Mapping[str, Any], body: Any, **_: Any) -> None:
    # A retry has a row; one in the old message format is first met by its worker.
    if headers.get(OWNER) is None or headers.get("retries") or not _is_uuid(headers.get("id")):
        return
    args, kwargs = body[0], body[1]
    task_id, kind = UUID(headers["id"]), str(headers["task"])
    watched.queue(Call(task_id, kind, headers[OWNER], shown_call(args, kwargs)))


def _started(task_id: str, task: Any, **_: Any) -> None:
    if call := _call_of(task, task.request):
        watched.start(call)


def _succeeded(sender: Any, result: Any, **_: Any) -> None:
    if call := _call_of(sender, sender.request):
        watched.end(call, Outcome(State.SUCCEEDED, {"result": shown(result)}), END_SECONDS)


def _failed(sender: Any, exception: BaseException, einfo: Any, **told: Any) -> None:
    # Of a time limit the worker's main process tells twice: what has no request comes again.
    request = Context(told["request"]) if told.get("request") else sender.request
    if call := _call_of(sender, request):
        watched.end(call, outcome_of(exception, einfo, sender.soft_time_limit), END_SECONDS)


def _retried(sender: Any, request: Any, einfo: Any, reason: Any = None, **_: Any) -> None:
    if call := _call_of(sender, request):
        cause = getattr(reason, "exc", None)
        columns = {
            "error": went_wrong(cause) if isinstance(cause, BaseException) else "",
            "traceback": trace_of(einfo),
            "run_after": moment_of(getattr(reason, "when", None)),
        }
        watched.end(call, Outcome(State.RETRYING, columns))


def _revoked(sender: Any, request: Any, expired: bool, **_: Any) -> None:
    if call := _call_of(sender, request, by="expired" if expired else "revoked"):
        watched.revoke(call)


def _call_of(task: Any, request: Any, by: str = "") -> Call | None:
    """Give the call that a worker's request is about, or None if nobody owns it."""
    owner = (request.headers or {}).get(OWNER)
    if owner is None or not _is_uuid(request.id):
        return None
    return Call(
        UUID(request.id),
        task.name,
        owner,
        shown_call(request.args, request.kwargs),
        request.retries + 1,
        by or str(request.hostname or ""),
        request.time_limit or task.time_limit or task.app.conf.task_time_limit,
    )


def _is_uuid(task_id: Any) -> bool:
    try:
        UUID(task_id)
    except (ValueError, TypeError, AttributeError):
        return False
    return True

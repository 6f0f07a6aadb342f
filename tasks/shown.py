"""What is shown of a plain Celery task: arguments, result and end, made fit for a row. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from django.utils import timezone

from tasks.arguments import MAX_BYTES, MAX_DEPTH
from tasks.errors import TaskError
from tasks.excuses import took_too_long, went_wrong, worker_lost
from tasks.outcomes import Outcome, failed
from tasks.sentences import MAX_TRACEBACK, clean
from tasks.strictjson import json_problem


def shown_call(args: Any, kwargs: Any) -> dict[str, Any]:
    """Give what a task was called with as JSON: ``{"args", "kwargs"}``, or a note why not."""
    arguments: dict[str, Any] = shown({"args": args, "kwargs": kwargs})
    return arguments


def shown(value: Any) -> Any:
    """Give a value as the plain JSON that it is, of at most 64 KiB; else ``{"note": …}``."""
    try:
        value = msgspec.to_builtins(value)
    except (TypeError, ValueError, RecursionError):
        return {"note": "This cannot be shown: it is not JSON."}
    if problem := json_problem(value, MAX_DEPTH):
        return {"note": f"This cannot be shown: it {problem}."}
    if len(msgspec.json.encode(value)) > MAX_BYTES:
        return {"note": f"This is not shown: it is over {MAX_BYTES // 1024} KiB."}
    return value


def outcome_of(error: BaseException, einfo: Any, soft_limit: float | None) -> Outcome:
    """Tell the end of a task by what it raised, or by what ended its process."""
    if isinstance(error, WorkerLostError):
        return failed(worker_lost())
    if isinstance(error, TimeLimitExceeded):
        return failed(took_too_long(error.args[0] if error.args else None))
    if isinstance(error, SoftTimeLimitExceeded):
        return failed(took_too_long(soft_limit), trace_of(einfo))
    return failed(
        str(error) if isinstance(error, TaskError) else went_wrong(error), trace_of(einfo)
    )


def moment_of(when: Any) -> datetime:
    """Tell when a retry is due, from the seconds or the time that Celery has for it."""
    if isinstance(when, datetime):
        return when if when.tzinfo else timezone.make_aware(when)
    return timezone.now() + timedelta(seconds=when or 0)


def trace_of(einfo: Any) -> str:
    """Give the end of the traceback that Celery has of an error; "" if it has none."""
    text = str(getattr(einfo, "traceback", None) or "")
    return clean(text[-MAX_TRACEBACK:], MAX_TRACEBACK)

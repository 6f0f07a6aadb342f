"""How an attempt ended, and what its owner is told of it. Pure."""

from __future__ import annotations

import traceback as tracebacks
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tasks.errors import TaskError, UserError
from tasks.excuses import went_wrong
from tasks.retry import Retry
from tasks.sentences import MAX_TRACEBACK, clean
from tasks.states import State
from tasks.strictjson import json_problem

MAX_RESULT_BYTES = 64 * 1024
MAX_RESULT_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state to move to, and the columns that are written with it.

    ``wait_seconds`` is how long the next attempt has to wait, if there is one.
    """

    state: State
    columns: Mapping[str, Any] = field(default_factory=dict)
    wait_seconds: float | None = None


CANCELLED = Outcome(State.CANCELLED)


def failed(sentence: str, traceback: str = "") -> Outcome:
    """End a job with a sentence for its owner and a traceback for staff."""
    return Outcome(State.FAILED, {"error": clean(sentence), "traceback": traceback})


def returned(result: Any, keep: Callable[[bytes], Any]) -> Outcome:
    """End a job with what its function returned, if that is JSON.

    Of a result over 64 KiB the row holds what ``keep`` gives for its bytes: a file's link.
    """
    try:
        result = msgspec.to_builtins(result)
    except (TypeError, RecursionError) as error:
        return failed(f"The result is not JSON: {error}")
    if problem := json_problem(result, MAX_RESULT_DEPTH):
        return failed(f"The result {problem}.")
    content = msgspec.json.encode(result)
    if len(content) > MAX_RESULT_BYTES:
        result = keep(content)
    return Outcome(State.SUCCEEDED, {"result": result})


def raised(error: Exception, retry: Retry, attempt: int) -> Outcome:
    """End an attempt with an error: another follows if the job wishes, else it has failed.

    Our own errors speak to the owner; of any other they are told its name alone.
    """
    if isinstance(error, UserError):
        return failed(str(error))
    told = str(error) if isinstance(error, TaskError) else went_wrong(error)
    trace = "".join(tracebacks.format_exception(error))
    columns = {"error": clean(told), "traceback": clean(trace[-MAX_TRACEBACK:], MAX_TRACEBACK)}
    if not retry.wants(error, attempt):
        return Outcome(State.FAILED, columns)
    return Outcome(State.RETRYING, columns, retry.wait_seconds(attempt))

"""``@job``: how a function becomes a kind of job, and where the kinds are found.

@job(queue="reports")
def report(job: Run, *, file: UUID) -> dict[str, Any]:
    for row in range(100):
        job.progress(row, 100)
    return {"rows": 100}

report.enqueue(owner=request.user, file=upload.pk)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async

from tasks import jobs
from tasks.arguments import Schema
from tasks.errors import UnknownKind
from tasks.models import Job
from tasks.retry import Retry
from tasks.run import Run

__all__ = ["JobFunction", "Run", "find", "job", "registry"]

#: Every kind of job by its name. Apps put theirs into a module or package called ``work``.
registry: dict[str, JobFunction] = {}


class JobFunction:
    """A function that runs as a job; calling it runs it here and now, as tests do."""

    def __init__(
        self, function: Callable[..., Any], *, queue: str, kind: str, priority: int, retry: Retry
    ) -> None:
        functools.update_wrapper(self, function)
        self.queue, self.kind, self.priority, self.retry = queue, kind, priority, retry
        self.schema = Schema(function)
        self._function = function

    def __call__(self, run: Run, **arguments: Any) -> Any:
        return self._function(run, **arguments)

    def enqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Record a job for the user ``owner`` and return it; it starts after the commit.

        Joins the caller's transaction. Arguments are checked strictly against the function's
        annotations: InvalidArguments names what is wrong, and nothing is recorded.
        """
        return jobs.enqueue(self, owner, arguments)

    async def aenqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Do as ``enqueue`` from async code, in a transaction of its own."""
        return await sync_to_async(self.enqueue)(owner=owner, **arguments)

    def run(self, run: Run) -> Any:
        """Call the function with the arguments that its job was recorded with."""
        return self._function(run, **self.schema.load(run.job.arguments))


def job(
    *,
    queue: str = "default",
    kind: str | None = None,
    max_attempts: int = 1,
    retry_on: tuple[type[Exception], ...] = (),
    priority: int = 0,
) -> Callable[[Callable[..., Any]], JobFunction]:
    """Make a function of ``(job, *, …)`` a kind of job, called ``kind`` or as the function.

    Its keyword-only, annotated parameters are the job's arguments; what it returns is the
    result, as JSON; over 64 KiB it becomes a file. After an error of ``retry_on`` another
    attempt follows, ``max_attempts`` in all; a lost worker costs one, too, so it must bear
    running twice.
    Higher ``priority`` goes first. An ``async def``, other parameters or a kind that is taken
    are a TypeError at import.
    """

    def decorate(function: Callable[..., Any]) -> JobFunction:
        name = kind or function.__name__
        _refuse_async(function)
        known = registry.get(name)
        if known and inspect.unwrap(known).__code__.co_filename != function.__code__.co_filename:
            raise TypeError(f"There is a kind of job called {name!r} already; give another kind=.")
        retry = Retry(max_attempts, retry_on)
        registry[name] = JobFunction(
            function, queue=queue, kind=name, priority=priority, retry=retry
        )
        return registry[name]

    return decorate


def find(kind: str) -> JobFunction:
    """Give the function of a kind; UnknownKind where nothing is registered."""
    try:
        return registry[kind]
    except KeyError:
        raise UnknownKind(f"There is no kind of job called {kind[:60]!a}.") from None


def enqueue(kind: str, owner: Any, arguments: Mapping[str, Any]) -> Job:
    """Record a job by its kind's name, as the API does; UnknownKind or InvalidArguments."""
    return jobs.enqueue(find(kind), owner, arguments)


def _refuse_async(function: Callable[..., Any]) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{function.__module__}.{function.__qualname__} is async def: a job runs in a "
            "worker's process of its own, so write it as a plain def."
        )

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
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.functional import Promise

from tasks import jobs, names, notices
from tasks.arguments import Schema
from tasks.conf import conf
from tasks.errors import UnknownKind
from tasks.limits import TimeLimits
from tasks.models import Job
from tasks.options import Options
from tasks.retry import FIRST_SECONDS, MOST_SECONDS, Retry
from tasks.run import Run

__all__ = ["JobFunction", "Run", "find", "job", "registry"]

#: Every kind of job by its name. Apps put theirs into a module or package called ``work``.
registry: dict[str, JobFunction] = {}


class JobFunction:
    """A function that runs as a job; calling it runs it here and now, as tests do."""

    def __init__(  # noqa: PLR0913 (what job() was told, all by name)
        self,
        function: Callable[..., Any],
        *,
        queue: str,
        kind: str,
        priority: int,
        retry: Retry,
        limits: TimeLimits,
        internal: bool = False,
    ) -> None:
        functools.update_wrapper(self, function)
        self.queue, self.kind, self.priority, self.retry = queue, kind, priority, retry
        self.limits, self.internal = limits, internal
        self.schema = Schema(function)
        self._function = function

    def __call__(self, run: Run, **arguments: Any) -> Any:
        return self._function(run, **arguments)

    @property
    def time_limit(self) -> float:
        """How many seconds an attempt may take before its process is killed."""
        return self.limits.hard or float(conf.JOB_HARD_LIMIT_SECONDS)

    @property
    def soft_time_limit(self) -> float:
        """After how many seconds the function is told to end, by SoftTimeLimitExceeded."""
        return self.limits.soft or min(float(conf.JOB_SOFT_LIMIT_SECONDS), self.time_limit)

    def enqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Record a job for the user ``owner`` and return it; it starts after the commit.

        Joins the caller's transaction. Arguments are checked strictly against the function's
        annotations: InvalidArguments names what is wrong, and nothing is recorded.
        TooManyJobs if too many of the owner's wait. An owner of None is the site itself.
        """
        return jobs.enqueue(self, owner, arguments)

    async def aenqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Do as ``enqueue`` from async code, in a transaction of its own."""
        return await sync_to_async(self.enqueue)(owner=owner, **arguments)

    def configure(self, **options: Any) -> ConfiguredJob:
        """Say how to enqueue: ``idempotency_key=``, ``priority=``, ``run_after=`` (a datetime).

        ``tally.configure(idempotency_key="invoice 7").enqueue(owner=alice, month=10)``
        """
        return ConfiguredJob(self, Options(**options))

    def run(self, run: Run) -> Any:
        """Call the function with the arguments that its job was recorded with."""
        return self._function(run, **self.schema.load(run.job.arguments))


@dataclass(frozen=True, slots=True)
class ConfiguredJob:
    """A job's function with the options to enqueue it with."""

    function: JobFunction
    options: Options

    def enqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Do as the function's own; KeyConflict if the key was used for something else."""
        return jobs.enqueue(self.function, owner, arguments, self.options)

    async def aenqueue(self, *, owner: Any, **arguments: Any) -> Job:
        """Do as ``enqueue`` from async code, in a transaction of its own."""
        return await sync_to_async(self.enqueue)(owner=owner, **arguments)


def job(  # noqa: PLR0913 (each says one thing of a kind, all by name)
    *,
    queue: str = "default",
    kind: str | None = None,
    name: str | Promise | None = None,
    priority: int = 0,
    max_attempts: int = 1,
    retry_on: tuple[type[Exception], ...] = (),
    backoff: tuple[float, float] = (FIRST_SECONDS, MOST_SECONDS),
    time_limit: float | None = None,
    soft_time_limit: float | None = None,
    internal: bool = False,
    notify: bool = False,
) -> Callable[[Callable[..., Any]], JobFunction]:
    """Make a function of ``(job, *, …)`` a kind of job, called ``kind`` or as the function.

    People read ``name``, which ``gettext_lazy`` may give, or else the kind's own words. Its
    keyword-only, annotated parameters are the job's arguments; what it returns is the
    result, as JSON; over 64 KiB it becomes a file. After an error of ``retry_on`` another
    attempt follows, ``max_attempts`` in all; a lost worker costs one, too, so it must bear
    running twice. Before the second attempt it waits up to ``backoff[0]`` seconds, then up to
    twice as long, up to ``backoff[1]``. After ``soft_time_limit`` seconds an attempt is told to
    end, after ``time_limit`` its process is killed; either fails the job. Higher ``priority``
    goes first. An ``internal`` one is enqueued by code and schedules alone, not by the API. With
    ``notify`` the end of each is a card in its owner's inbox, and so is trying again and again. An
    ``async def``, other parameters, a taken kind or a name that is no text are a TypeError,
    senseless numbers and names a ValueError.
    """

    def decorate(function: Callable[..., Any]) -> JobFunction:
        called = kind or function.__name__
        _refuse_async(function)
        known = registry.get(called)
        if known and inspect.unwrap(known).__code__.co_filename != function.__code__.co_filename:
            raise TypeError(
                f"There is a kind of job called {called!r} already; give another kind=."
            )
        names.declare(called, name)
        notices.declare(called, wanted=notify)
        registry[called] = JobFunction(
            function,
            queue=queue,
            kind=called,
            priority=priority,
            retry=Retry(max_attempts, retry_on, *backoff),
            limits=TimeLimits(soft_time_limit, time_limit),
            internal=internal,
        )
        return registry[called]

    return decorate


def find(kind: str) -> JobFunction:
    """Give the function of a kind; UnknownKind where nothing is registered."""
    if kind not in registry:
        raise UnknownKind(f"There is no kind of job called {kind[:60]!a}.")
    return registry[kind]


def find_offered(kind: str) -> JobFunction:
    """Give the function of a kind that the API offers; UnknownKind for the site's own, too."""
    if kind in registry and registry[kind].internal:
        raise UnknownKind(f"Jobs of the kind {kind[:60]!a} are the site's own.")
    return find(kind)


def enqueue(kind: str, owner: Any, arguments: Mapping[str, Any]) -> Job:
    """Record a job by its kind's name, as the API does; UnknownKind or InvalidArguments."""
    return jobs.enqueue(find(kind), owner, arguments)


def _refuse_async(function: Callable[..., Any]) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{function.__module__}.{function.__qualname__} is async def: a job runs in a "
            "worker's process of its own, so write it as a plain def."
        )

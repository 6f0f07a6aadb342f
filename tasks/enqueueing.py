"""How a job comes into being: checked, counted, recorded once, its queue woken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext

from realtime.publish import batch
from tasks import inputs, moves, rows, steps
from tasks.conf import conf
from tasks.errors import InvalidArguments, KeyConflict, NotFinished, TooManyJobs
from tasks.models import Job
from tasks.numerals import number
from tasks.options import MAX_KEY, Options
from tasks.states import State
from tasks.transient import again
from tasks.wake import wake_on_commit

if TYPE_CHECKING:
    from tasks.job import JobFunction

#: When to ask again, if too many jobs wait.
RETRY_AFTER_SECONDS = 30


def submit(
    function: JobFunction, owner: Any, arguments: Mapping[str, Any], options: Options
) -> tuple[Job, bool]:
    """Do as ``jobs.enqueue``; tell as well whether the job is new."""
    options = replace(options, by=options.by or steps.name_of(owner))
    stored, given = function.schema.read(arguments)
    job = _draft(function, owner, stored, options)
    tries = count()

    def transition() -> tuple[Job, bool]:
        with batch():
            # An earlier try may have been committed by a server that did not live to say so.
            if next(tries) and Job.objects.filter(pk=job.pk).exists():
                wake_on_commit(job.queue)
                return job, True
            if known := _known(job):
                return known, False
            _check_room(job.owner_id)
            if not _insert(job):
                return _must_know(job), False
            inputs.link(job, given)
            moves.tell(job, options.by)
            wake_on_commit(job.queue)
        return job, True

    return again(transition)


def repeat(
    function: JobFunction, job: Job, by: Any, arguments: Mapping[str, Any] | None = None
) -> Job:
    """Enqueue a finished job once more, for its owner, with its own or other arguments.

    NotFinished if it has not come to its end; InvalidArguments, or InvalidFile if an upload
    that it read is gone.
    """
    if not State(job.state).is_final:
        raise NotFinished
    given = job.arguments if arguments is None else arguments
    inputs.check(job.owner_id, function.schema.load(given))
    options = Options(by=steps.name_of(by), repeat_of=job.pk, priority=job.priority)
    return submit(function, job.owner, given, options)[0]


def _draft(function: JobFunction, owner: Any, stored: dict[str, Any], options: Options) -> Job:
    if options.idempotency_key is not None and not 0 < len(options.idempotency_key) <= MAX_KEY:
        raise InvalidArguments(f"An idempotency key has 1 to {MAX_KEY} characters.")
    if options.idempotency_key is not None and owner is None:
        raise InvalidArguments("An idempotency key is its owner's; this job has none.")
    job = Job(
        owner=owner,
        kind=function.kind,
        queue=function.queue,
        priority=function.priority if options.priority is None else options.priority,
        max_attempts=function.retry.max_attempts,
        time_limit=function.time_limit,
        arguments=stored,
        idempotency_key=options.idempotency_key,
        repeat_of_id=options.repeat_of,
        schedule=options.schedule,
        slot=options.slot,
    )
    if options.run_after is not None:
        job.run_after = options.run_after
    return job


def _insert(job: Job) -> bool:
    """Insert the row; False if one with its key or its slot is there already."""
    if job.idempotency_key is None and job.schedule is None:
        job.save(force_insert=True)
        return True
    Job.objects.bulk_create([job], ignore_conflicts=True)
    return Job.objects.filter(pk=job.pk).exists()


def _known(job: Job) -> Job | None:
    """Find the job that has this one's key or slot; KeyConflict if it is about another thing."""
    if job.schedule is not None:
        return Job.objects.filter(schedule=job.schedule, slot=job.slot).first()
    if job.idempotency_key is None:
        return None
    mine = Job.objects.filter(owner_id=job.owner_id, idempotency_key=job.idempotency_key)
    known = mine.first()
    if known is not None and (known.kind, known.arguments) != (job.kind, job.arguments):
        raise KeyConflict
    return known


def _must_know(job: Job) -> Job:
    known = _known(job)
    if known is None:  # a caller's transaction of a higher isolation does not see it yet
        raise KeyConflict
    return known


def _check_room(owner_id: Any) -> None:
    limit: int = conf.JOB_MAX_WAITING
    if owner_id is None or not limit:
        return
    if rows.waiting(owner_id, limit) >= limit:
        said = gettext("You have %(n)s jobs waiting, which is as many as you may have.")
        raise TooManyJobs(RETRY_AFTER_SECONDS, said % {"n": number(limit)})


def find_for(job_id: UUID, by: Any, *, for_update: bool = False) -> Job:
    """Look up a job that ``by`` may act on; Job.DoesNotExist for any other.

    A user may act on their own, staff on every one; a text names somebody at the command line.
    ``for_update`` locks its row until the transaction ends.
    """
    jobs = Job.objects.filter(pk=job_id)
    if for_update:
        # A function's open transaction may hold the row's key: its files refer to its job.
        jobs = jobs.select_for_update(no_key=True)
    if not isinstance(by, str) and not by.is_staff:
        jobs = jobs.filter(owner_id=by.pk, owner__isnull=False)
    return jobs.get()

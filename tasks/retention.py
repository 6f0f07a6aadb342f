"""How long jobs and their files are kept, and how they go: by age, by their owner, as leftovers.

A job goes with its timeline, its letters, its result files, the uploads that no other job reads,
and what its owner was notified of it. Only a job at its end can go: its row is locked first, and
a final state is final.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Max, ProtectedError, Q, RestrictedError
from django.utils.translation import gettext

from realtime.publish import batch
from tasks import announce, files, notices, storage
from tasks.conf import conf
from tasks.enqueueing import find_for
from tasks.errors import InUse, NotFinished
from tasks.models import File, Job, OutputLine
from tasks.states import State
from tasks.transient import again

logger = logging.getLogger(__name__)

#: How many jobs go in one transaction, and at most by one call.
BATCH, MOST = 100, 20_000
#: How many lines of output go in one, but for those of a job that has more: on SQLite all who
#: write wait meanwhile.
LINES = 20_000
#: Uploads that no job has taken by then, and bytes without a row, go.
UNUSED_AFTER = timedelta(days=1)
#: How many files one call of ``sweep`` looks at.
MOST_SWEPT = 20_000
_ENDED = Q(state__in=[state for state in State if state.is_final])
#: What another app's table says that holds on to a job.
_NEEDED = (ProtectedError, RestrictedError, IntegrityError)


def prune_jobs(now: datetime) -> int:
    """Delete the jobs that ended more than JOB_KEEP_DAYS ago; return how many, at most 20,000.

    Nobody is told: a page that still shows one finds it gone when it asks. A job that another
    app's table protects stays, and is named in the log.
    """
    old = _ENDED & Q(finished_at__lt=now - timedelta(days=conf.JOB_KEEP_DAYS))
    gone, last = 0, (datetime.min.replace(tzinfo=UTC), UUID(int=0))
    while gone < MOST and (found := _next(old, *last)):
        gone += sum(_prune(ids, old) for ids in _portions([job_id for job_id, _ in found]))
        last = found[-1][1], found[-1][0]
    return gone


def delete(job_id: UUID, by: Any) -> None:
    """Delete a finished job with its files; ``by`` is its owner, staff, or a name.

    The owner's pages are told by the event ``job.deleted``. NotFinished if it has not come to
    its end, InUse if another app's table holds on to it, Job.DoesNotExist if there is no such
    job of theirs.
    """
    tries = count()

    def transition() -> None:
        # An earlier try may have been committed by a server that did not live to say so.
        if next(tries) and not Job.objects.filter(pk=job_id).exists():
            return
        with batch():
            job = find_for(job_id, by, for_update=True)
            if not State(job.state).is_final:
                raise NotFinished
            _delete([job_id], _ENDED)
            announce.deleted(job)

    try:
        again(transition)
    except _NEEDED:
        raise InUse(gettext("Something else still needs this job.")) from None


def delete_upload(file_id: UUID, owner_id: Any) -> None:
    """Delete an upload of this person that no job reads.

    InUse if one does, or if it is a job's result, which goes with its job; File.DoesNotExist
    if there is no such file of theirs.
    """
    file = File.objects.get(pk=file_id, owner_id=owner_id)
    if file.job_id is not None:
        raise InUse(gettext("A job wrote this file: delete the job."))
    if not again(lambda: files.remove_unused([file_id])) and File.objects.filter(pk=file_id):
        raise InUse(gettext("A job reads this file: delete the job first."))


def remove_unused(now: datetime) -> int:
    """Delete the uploads of more than a day ago that no job reads; return how many."""
    return files.remove_abandoned(now - UNUSED_AFTER)


def sweep(now: datetime) -> int:
    """Remove bytes of more than a day ago that no row knows; return how many files that were.

    A crash between a commit and what follows it leaves them. At most 20,000 files are looked
    at, from another place each time.
    """
    before = (now - UNUSED_AFTER).timestamp()
    found = islice(storage.stored(f"{secrets.randbelow(256):02x}"), MOST_SWEPT)
    removed = 0
    while chunk := list(islice(found, BATCH)):
        ids = {file_id for file_id, path in chunk if _is_older(path, before)}
        for file_id in ids - set(File.objects.filter(pk__in=ids).values_list("pk", flat=True)):
            storage.remove(file_id)
            removed += 1
    return removed


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:  # renamed or removed since it was found
        return False


def _next(old: Q, ended: datetime, job_id: UUID) -> list[tuple[UUID, Any]]:
    """Give the next of these jobs by when they ended, so that one that stays is met once."""
    later = Q(finished_at__gt=ended) | Q(finished_at=ended, pk__gt=job_id)
    jobs = Job.objects.filter(old & later).order_by("finished_at", "pk")
    return list(jobs.values_list("pk", "finished_at")[:BATCH])


def _portions(ids: list[UUID]) -> Iterator[list[UUID]]:
    """Divide jobs by how much they said, so that each transaction is over in a moment."""
    said = dict(OutputLine.objects.filter(job__in=ids).values_list("job").annotate(Max("n")))
    portion: list[UUID] = []
    lines = 0
    for job_id in ids:
        lines += said.get(job_id, 0)
        if portion and lines > LINES:
            yield portion
            portion, lines = [], said.get(job_id, 0)
        portion.append(job_id)
    yield portion


def _prune(ids: list[UUID], old: Q) -> int:
    """Delete these together, or, if something holds on to one, one by one."""
    try:
        return again(lambda: _delete(ids, old))
    except _NEEDED as error:
        if len(ids) > 1:
            return sum(_prune([job_id], old) for job_id in ids)
        logger.warning("Job %s stays: %s", ids[0], error, extra={"action": "job.kept"})
        return 0


def _delete(ids: Iterable[UUID], condition: Q) -> int:
    """Delete those of these jobs for which the condition holds and that nobody else has locked.

    The lock comes with a second look at the condition, on the row as it is then.
    """
    with batch():
        jobs = Job.objects.filter(condition)
        wanted = jobs.filter(pk__in=list(ids)).order_by("pk").select_for_update(skip_locked=True)
        locked = list(wanted.only("pk", "owner_id"))
        held = jobs.filter(pk__in=[job.pk for job in locked])
        read = File.objects.filter(used_by__in=held, job=None).order_by("pk").distinct()
        uploads = list(read.values_list("pk", flat=True))
        deleted = held.delete()[1].get(Job._meta.label, 0)
        files.remove_unused(uploads)
        notices.withdraw(locked)
        return deleted

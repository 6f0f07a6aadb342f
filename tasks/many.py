"""Verbs on several jobs: each by itself, with an outcome of its own; nothing is all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext, gettext_lazy

from tasks import enqueueing, interventions
from tasks.errors import TaskError
from tasks.job import find
from tasks.models import Job

_NOT_FOUND = ("not_found", gettext_lazy("There is no such job."))
_BUSY = ("busy", gettext_lazy("The database is busy; try again."))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them: the job as it is now, or why not, as a code and a sentence."""

    id: UUID
    job: Job | None = None
    code: str = ""
    message: str = ""


def cancel(ids: Iterable[UUID], by: Any) -> list[Outcome]:
    """Stop these jobs, in this order; ``by`` as in ``interventions.cancel``."""
    return _each(ids, lambda job_id: interventions.cancel(job_id, by))


def repeat(
    ids: Iterable[UUID], by: Any, arguments: Mapping[str, Any] | None = None
) -> list[Outcome]:
    """Enqueue these finished jobs once more; an outcome's job is the new one."""
    return _each(ids, lambda job_id: repeat_one(job_id, by, arguments))


def repeat_one(job_id: UUID, by: Any, arguments: Mapping[str, Any] | None = None) -> Job:
    """Enqueue a finished job of theirs once more, with its own or other arguments.

    Job.DoesNotExist, UnknownKind, or as ``enqueueing.repeat``.
    """
    job = enqueueing.find_for(job_id, by)
    return enqueueing.repeat(find(job.kind), job, by, arguments)


def _each(ids: Iterable[UUID], verb: Callable[[UUID], Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for job_id in ids:
        # A database that is away was waited for once; a hundred waits would outlast the caller.
        is_away = bool(outcomes) and outcomes[-1].code == _BUSY[0]
        outcomes.append(_refused(job_id, *_BUSY) if is_away else _try(job_id, verb))
    return outcomes


def _try(job_id: UUID, verb: Callable[[UUID], Job]) -> Outcome:
    try:
        return Outcome(job_id, verb(job_id))
    except Job.DoesNotExist:
        return _refused(job_id, *_NOT_FOUND)
    except TaskError as error:
        return _refused(job_id, error.code, gettext(str(error)))
    except (OperationalError, InterfaceError):
        return _refused(job_id, *_BUSY)


def _refused(job_id: UUID, code: str, sentence: object) -> Outcome:
    return Outcome(job_id, None, code, str(sentence))

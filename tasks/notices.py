"""What a job's owner is notified of: one card for each job, which changes with it.

Told are those kinds that ask for it (``@job(notify=True)``), by a plain call in the transaction
of the job's move, as its event is. What is said stands in the site's own language: it is kept
once, for whoever reads it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy, override

from realtime import inbox, preferences
from realtime.inbox import Severity
from realtime.models import Mute, Notification
from realtime.notifications import MAX_BODY, MAX_TITLE, Content
from tasks import steps
from tasks.conf import conf
from tasks.models import Job, Step
from tasks.names import name_of, spoken_name_of
from tasks.sentences import clean_line
from tasks.states import State

#: Of a job that is tried again its owner hears from the second time on: once is no news.
TELLING_RETRY = 2
_SAID: Mapping[State, tuple[Promise, Severity]] = {
    State.SUCCEEDED: (gettext_lazy("%(job)s: done"), Severity.SUCCESS),
    State.FAILED: (gettext_lazy("%(job)s: failed"), Severity.ERROR),
    State.CANCELLED: (gettext_lazy("%(job)s: cancelled"), Severity.INFO),
    State.RETRYING: (gettext_lazy("%(job)s: trying again"), Severity.WARNING),
}

_declared: set[str] = set()


def declare(kind: str, *, wanted: bool) -> None:
    """Notify the owners of jobs of this kind, or do not; InvalidNotification if it has no name."""
    _declared.discard(kind)
    if wanted:
        Content("-", kind=kind)
        _declared.add(kind)
        preferences.register(kind, lazy(spoken_name_of, str)(kind))


def told(job: Job, by: str) -> None:
    """Tell the owner how the job stands, if it asks for that and is not their own doing."""
    state = State(job.state)
    if job.kind not in _declared or job.owner_id is None or state not in _SAID:
        return
    if state is State.RETRYING and job.attempt < TELLING_RETRY:
        return
    if state is State.CANCELLED and _is_own(job, by):
        inbox.withdraw(job.owner_id, [key_of(job.pk)])  # it is not tried again
        return
    sentence, severity = _SAID[state]
    inbox.notify(
        job.owner_id,
        _title(sentence, job.kind),
        body=_lines(job.error),
        kind=job.kind,
        severity=severity,
        link=page_of(job.pk),
        group=f"{job.kind}:{state}",
        key=key_of(job.pk),
    )


def withdraw(jobs: Iterable[Job]) -> None:
    """Take back what was told of jobs that are deleted, and forget whether they were muted."""
    keys: dict[Any, list[str]] = defaultdict(list)
    for job in jobs:
        if job.owner_id is not None:
            keys[job.owner_id].append(key_of(job.pk))
    for owner_id in _with_any(keys):
        inbox.withdraw(owner_id, keys[owner_id])


def key_of(job_id: UUID) -> str:
    """Name what is told of a job; it is what its owner mutes, too."""
    return f"job:{job_id}"


def page_of(job_id: UUID) -> str:
    """Give the link to a job's page, "" if the site has none."""
    page: str = conf.JOB_PAGE
    return page.replace("{id}", str(job_id))


def _with_any(keys: Mapping[Any, list[str]]) -> set[Any]:
    """Find those of whom there is something to take back: their streams are locked for it."""
    chosen = {"user_id__in": keys, "key__in": [key for each in keys.values() for key in each]}
    rows = (model.objects.filter(**chosen) for model in (Notification, Mute))
    return {user_id for found in rows for user_id in found.values_list("user_id", flat=True)}


def _is_own(job: Job, by: str) -> bool:
    """Tell whether the owner stopped the job; of one that ran, its end is told by its worker."""
    asked = Step.objects.filter(job=job, name=steps.CANCEL_REQUESTED).order_by("-pk")
    name = asked.values_list("by", flat=True).first() or by
    return name == steps.name_of(job.owner)


def _title(sentence: Promise, kind: str) -> str:
    with override(settings.LANGUAGE_CODE):
        title = str(sentence) % {"job": name_of(kind)}
    return clean_line(" ".join(title.split()), MAX_TITLE)


def _lines(text: str) -> str:
    return "\n".join(clean_line(line, MAX_BODY) for line in text.splitlines())[:MAX_BODY]

"""Which jobs somebody wants to see: the filters of the API, the admin and the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from tasks.models import Job

#: Each word is another pass over the text of a row.
MAX_WORDS = 8
_LEAST_PREFIX, _DIGITS = 8, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is left empty does not restrict; all that is given must hold.

    ``since`` and ``until`` bound the moment of queueing, the latter excluded. ``before`` is the
    last id of the page before. For ``search`` see ``matching``.
    """

    states: Sequence[str] = ()
    kind: str = ""
    queue: str = ""
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None


def choose(jobs: QuerySet[Job], wanted: Wanted) -> QuerySet[Job]:
    """Give those of ``jobs`` that are wanted, the newest first."""
    bounds = {
        "state__in": [str(state) for state in wanted.states],
        "kind": wanted.kind,
        "queue": wanted.queue,
        "queued_at__gte": wanted.since,
        "queued_at__lt": wanted.until,
        "pk__lt": wanted.before,
    }
    chosen = jobs.filter(**{name: value for name, value in bounds.items() if value})
    return (matching(chosen, wanted.search) if wanted.search else chosen).order_by("-pk")


def matching(jobs: QuerySet[Job], search: str, *, by_owner: bool = False) -> QuerySet[Job]:
    """Give those in which every word is found, in any case (on SQLite, of a to z alone).

    A word is found if it begins the id, or is part of the kind, of the arguments as JSON text
    (their names, too) or of the error's sentence; ``by_owner`` looks at the owner's name as well.
    """
    words = search.split()[:MAX_WORDS]
    found = reduce(and_, (_holds(word, by_owner=by_owner) for word in words), Q())
    return jobs.alias(arguments_text=Cast("arguments", TextField())).filter(found)


def with_prefix(text: str) -> QuerySet[Job]:
    """Give the jobs whose id begins like this, of at least 8 hexadecimal digits; else none."""
    digits = text.replace("-", "")
    if len(digits) < _LEAST_PREFIX or (bounds := _ids_from(text)) is None:
        return Job.objects.none()
    return Job.objects.filter(pk__range=bounds)


def _holds(word: str, *, by_owner: bool) -> Q:
    found = Q(kind__icontains=word) | Q(error__icontains=word)
    # PostgreSQL keeps characters as they are, SQLite has the text that Python wrote: escaped.
    for ascii_only in (False, True):
        escaped = json.dumps(word, ensure_ascii=ascii_only)[1:-1]
        found |= Q(arguments_text__icontains=escaped)
    if (bounds := _ids_from(word)) is not None:
        found |= Q(pk__range=bounds)
    if by_owner:
        found |= Q(**{f"owner__{get_user_model().USERNAME_FIELD}__icontains": word})
    return found


def _ids_from(prefix: str) -> tuple[UUID, UUID] | None:
    """Give the lowest and the highest id that begin like this; None if no id does."""
    digits = prefix.replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits):
        return None
    return UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))

"""How a job is enqueued, beside who it is for and what it is given. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: The characters that an idempotency key may have.
MAX_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may ask for; what is left out is as the job's kind says.

    ``idempotency_key`` (at most MAX_KEY characters): the owner's jobs with one key are one job.
    ``run_after``: not before this moment. ``by``: who asks, for the timeline; default the owner.
    """

    idempotency_key: str | None = None
    priority: int | None = None
    run_after: datetime | None = None
    by: str = ""
    repeat_of: UUID | None = None
    schedule: str | None = None
    slot: datetime | None = None

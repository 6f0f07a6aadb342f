"""What the API of jobs and files takes and gives, as its OpenAPI page shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from tasks.states import State

#: How many jobs one request may cancel or repeat.
MAX_MANY = 100
#: Of a line's number, which the database holds in 32 bits with a sign.
MAX_LINE = (1 << 31) - 1
#: Text without control characters: PostgreSQL takes no NUL.
_PLAIN = r"^[^\x00-\x1f\x7f]*$"


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class FileLink(Schema):
    """A complete file and where its bytes are."""

    id: UUID
    name: str
    content_type: str
    size: int = Field(description="In bytes.")
    url: str


class FileOut(FileLink):
    """A file, perhaps still arriving."""

    received: int = Field(description="Bytes that have arrived; the next part begins here.")


class UploadIn(Schema):
    """An upload announced, whose bytes follow in parts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=1000)
    content_type: str = Field("", max_length=200)
    size: int = Field(ge=0, le=1 << 53, description="In bytes.")


class PartOut(Schema):
    """How far an upload is."""

    received: int


class JobIn(Schema):
    """A job asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str = Field(max_length=60)
    arguments: dict[str, Any] = Field(default_factory=dict)


class ProgressOut(Schema):
    """How far a job is; ``rate`` per second and ``eta`` in seconds are null while unknown."""

    current: float
    total: float | None = None
    message: str = ""
    rate: float | None = None
    eta: float | None = None


class JobOut(Schema):
    """A job with what it was given and what came of it."""

    id: UUID
    kind: str
    name: str = Field(description="Of the kind, for people, in the site's own language.")
    queue: str
    state: State
    attempt: int
    max_attempts: int
    progress: ProgressOut | None
    error: str
    cancel_requested: bool
    queued_at: str
    started_at: str | None
    finished_at: str | None
    owner: str = Field(description="A username; empty for the site's own.")
    repeat_of: UUID | None = Field(description="The job that this one repeats.")
    expected_wait: float | None = Field(
        description="In how many seconds a waiting job may start; null if that is unknown."
    )
    arguments: dict[str, Any]
    result: Any = None
    files: list[FileLink]


class JobsQuery(Schema):
    """Which jobs; all that is given must hold."""

    state: list[State] = Field([], description="One of these; may be given several times.")
    kind: str = Field("", pattern=r"^(\w[\w.]{0,59})?$")
    queue: str = Field("", pattern=r"^([\w.-]{1,60})?$")
    search: str = Field(
        "",
        max_length=200,
        pattern=_PLAIN,
        description="At most 8 words. Each begins the job's id, or is part of its kind, its "
        "arguments (as JSON text) or its error.",
    )
    since: Moment | None = Field(None, description="Queued then or later; UTC if it says no zone.")
    until: Moment | None = Field(None, description="Queued before then.")
    owner: str = Field(
        "",
        max_length=150,
        pattern=_PLAIN,
        description="Whose, by username; * for everybody's. For staff.",
    )
    before: UUID | None = Field(None, description="The last id of the page before.")
    limit: int = Field(20, ge=1, le=100)


class StepOut(Schema):
    """Something that happened to a job; ``worker`` and ``traceback`` are null but for staff."""

    at: str
    name: str = Field(description="As the event: queued, started, …")
    by: str = Field(description="Who or what made it happen.")
    attempt: int
    error: str = Field(description="A sentence for the owner.")
    worker: str | None
    traceback: str | None


class TimelineOut(Schema):
    """What happened to a job, the oldest first."""

    steps: list[StepOut]


class OutputQuery(Schema):
    """Which lines of a job's output."""

    after: int = Field(0, ge=0, le=MAX_LINE, description="The last `n` that is known.")
    limit: int = Field(500, ge=1, le=1000)


class LineOut(Schema):
    """A line that a job said."""

    n: int = Field(description="From 1, without a gap, over all attempts.")
    at: str
    level: str = Field(description="debug, info, warning, error; step begins a part of the work.")
    text: str = Field(description="At most 2,000 characters, without a line's end.")
    attempt: int


class OutputOut(Schema):
    """Lines of a job's output in their order, and the number of the last that there is."""

    lines: list[LineOut]
    last: int = Field(description="0 while there is none.")
    is_cut: bool = Field(description="More was said than is kept.")


class RepeatIn(Schema):
    """What to do otherwise this time."""

    model_config = ConfigDict(extra="forbid", strict=True)

    arguments: dict[str, Any] | None = Field(None, description="In place of the job's own.")


class ManyIn(Schema):
    """Jobs to do the same to."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(min_length=1, max_length=MAX_MANY)


class ProblemOut(Schema):
    """A code to act on and a sentence."""

    code: str
    message: str


class OutcomeOut(Schema):
    """What became of one of them: ``job`` (of a repeat: the new one), or else ``error``."""

    id: UUID
    job: JobOut | None
    error: ProblemOut | None


class OutcomesOut(Schema):
    """One outcome per id, in the order of the request; each was done, or not, by itself."""

    outcomes: list[OutcomeOut]


class PositionOut(Schema):
    """A place in a topic's history; events after it are newer than the answer."""

    topic: str
    epoch: str
    offset: int


class JobsOut(Schema):
    """Jobs, the newest first, and the position from which to follow them live."""

    jobs: list[JobOut]
    position: PositionOut


class KindOut(Schema):
    """A kind of job that may be asked for, with a JSON Schema of its arguments."""

    kind: str
    name: str
    queue: str
    arguments: dict[str, Any]


class SampleOut(Schema):
    """Arguments for a job of this kind, made up and ready to be posted."""

    arguments: dict[str, Any]

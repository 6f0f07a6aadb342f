"""What the API of jobs and files takes and gives, as its OpenAPI page shows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from tasks.states import State


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
    arguments: dict[str, Any]
    result: Any = None
    files: list[FileLink]


class JobsQuery(Schema):
    """Which jobs: of a state, of a kind, before an id."""

    state: State | None = None
    kind: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]{0,59}$")
    before: UUID | None = Field(None, description="The last id of the page before.")
    limit: int = Field(20, ge=1, le=100)


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
    queue: str
    arguments: dict[str, Any]


class SampleOut(Schema):
    """Arguments for a job of this kind, made up and ready to be posted."""

    arguments: dict[str, Any]

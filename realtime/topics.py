"""Names of what may be listened to: topic ⇄ wire name ⇄ group name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from realtime.errors import InvalidTopic

#: Channels wants group names below 100 characters of [A-Za-z0-9._-]; a dot divides ours.
_WIRE_NAME = re.compile(r"(?P<kind>[a-z]{2,20}):(?P<key>[A-Za-z0-9_-]{1,60})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Topic:
    """Where events are published: ``user:42``, ``job:7c9e…``."""

    kind: str
    key: str

    @classmethod
    def parse(cls, name: str) -> Topic:
        """Read the name a client sent; anything unknown is an InvalidTopic."""
        return _parse(name)

    @classmethod
    def of_user(cls, pk: object) -> Topic:
        """Name a person's own topic; custom user models have UUID keys too."""
        return cls.parse(f"user:{pk}")

    @classmethod
    def of_job(cls, job_id: UUID) -> Topic:
        """Name the topic of one job that is shared."""
        return cls.parse(f"job:{job_id}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def group(self) -> str:
        # Channels refuses ":" in a group name, so the wire name cannot be used as is.
        return f"{self.kind}.{self.key}"


@lru_cache(maxsize=4096)
def _parse(name: str) -> Topic:
    if match := _WIRE_NAME.fullmatch(name):
        return Topic(**match.groupdict())
    raise InvalidTopic(name[:80])


#: Everybody who is signed in.
SITE = Topic("site", "all")

"""What happens to somebody's jobs, told live: heard over the platform's own protocol."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from realtime import tokens
from realtime.follower import Follower, Heard
from realtime.following import Anew, Event
from realtime.topics import Topic
from tasks.announce import CANCEL_REQUESTED, EVENTS, PROGRESSED, describe, moment
from tasks.models import Job
from tasks.states import State

#: How many ends are remembered, against updates that come late.
MAX_ENDED = 1_000
#: How many jobs are told of when the state is read anew.
MAX_SHOWN = 200
SHOWN, RELOAD = "job.shown", "reload"
_TYPES = frozenset({*EVENTS.values(), CANCEL_REQUESTED})


class Tail:
    """What of a person's topic is to be told: of each job what is newer than what was told.

    With ``job_id`` only that job, and it ``is_over`` when the job is.
    """

    def __init__(self, owner_id: Any, job_id: UUID | None = None) -> None:
        self._owner_id, self._job_id = owner_id, job_id
        self._marks: dict[str, tuple[int, int]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        #: Jobs that were told of and have not ended, as far as is known.
        self._open: set[str] = set()
        self.is_over = False

    def take(self, heard: Heard) -> Iterator[dict[str, Any]]:
        """Give what is to be told, as the protocol's ``data``: with ``type``, ``at``, ``job``.

        Where something was missed, a ``reload`` comes first, and then jobs as they are now.
        """
        if isinstance(heard, Anew):
            if not heard.is_first:
                place = {"epoch": heard.epoch, "offset": heard.offset}
                yield {"type": RELOAD, "at": moment(timezone.now()), **place}
            for job in self._read():
                yield from self._tell({"type": SHOWN, "at": moment(timezone.now()), "job": job})
            return
        data, type_ = dict(heard.data), heard.data.get("type")
        if not _is_of_a_job(data) or (self._job_id and data["job"]["id"] != str(self._job_id)):
            return
        if isinstance(heard, Event):
            if type_ in _TYPES:
                yield from self._tell({**data, "offset": heard.offset})
        elif type_ == PROGRESSED and self._is_newer(data):
            yield data

    def _tell(self, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
        job_id = data["job"]["id"]
        if job_id in self._ended:
            return  # the state that was read is ahead of the events that follow it
        self._open.add(job_id)
        if State(data["job"]["state"]).is_final:
            self._end(job_id)
        yield data

    def _is_newer(self, data: dict[str, Any]) -> bool:
        job = data["job"]
        mark = (job["attempt"], data.get("n", 0))
        if job["id"] in self._ended or mark <= self._marks.get(job["id"], (0, -1)):
            return False
        self._marks[job["id"]] = mark
        return True

    def _end(self, job_id: str) -> None:
        self._open.discard(job_id)
        self._marks.pop(job_id, None)
        self._ended[job_id] = None
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)
        self.is_over = self.is_over or job_id == str(self._job_id)

    def _read(self) -> list[dict[str, Any]]:
        if self._job_id is not None:
            wanted = Q(pk=self._job_id)
        else:
            unfinished = [state for state in State if not state.is_final]
            wanted = Q(owner_id=self._owner_id, state__in=unfinished) | Q(pk__in=self._open)
        newest = Job.objects.filter(wanted).order_by("-pk")[:MAX_SHOWN]
        return [describe(job) for job in reversed(newest)]


def follower(url: str, owner_id: Any, note: Any) -> Follower:
    """Follow a person's topic at ``url`` with tokens of theirs."""
    topic = str(Topic.of_user(owner_id))
    return Follower(url, topic, lambda: tokens.make(owner_id), note)


def _is_of_a_job(data: dict[str, Any]) -> bool:
    job = data.get("job")
    return isinstance(job, dict) and isinstance(job.get("id"), str) and "state" in job

"""What we write to sockets is what pages are tested with: the frames of ``story.jsonl``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest
from django.contrib.auth.models import User
from django.db import connection

from realtime import inbox, revocation
from realtime.protocol import publication, tagged
from tasks import board, interventions, jobs, retention, worker
from tasks import job as jobs_of
from tasks.board import Board
from tasks.errors import UserError
from tasks.job import Run
from tests.acceptance.site import wait_until
from tests.contract import story
from tests.contract.story import Frame
from tests.delivery import Wire

DOCUMENTED = Path(__file__).parents[2] / "docs" / "protocol.md"
#: What tells a page of another release apart from one that is broken.
UNKNOWN = {"job.danced", "weather.changed"}
#: What the protocol lets be null: told of as it is once it is known.
MAY_BE_NULL = {"progress", "total", "rate", "eta", "started_at", "finished_at"}


def in_micros(milliseconds: str) -> int:
    return round(float(milliseconds) * 1000)


@pytest.mark.parametrize("line", range(len(story.LINES)))
def test_a_frame_is_built_of_its_parts_as_it_is_written(line: int) -> None:
    push = story.frames()[line].push
    built = publication(push.channel, bytes(push.pub.data), push.pub.offset)
    if tags := push.pub.tags:
        built = tagged(built, *(in_micros(tags[name]) for name in "cpw"))

    assert built == story.LINES[line]


def test_the_story_has_every_type_that_the_protocol_names() -> None:
    tables = re.findall(
        r"^\| (`(?:job|notification|session)\..*?) \|", DOCUMENTED.read_text(), re.MULTILINE
    )

    assert set(re.findall(r"`(\w+\.\w+)`", " ".join(tables))) == story.types() - UNKNOWN


def test_events_have_the_next_offset_and_updates_none() -> None:
    offsets = [frame.push.pub.offset for frame in story.frames() if frame.push.pub.offset]

    assert offsets == list(range(7, 7 + len(offsets)))
    assert len(offsets) < len(story.LINES)


class Ear:
    """Hears what leaves this process for people's sockets."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._said: list[dict[str, Any]] = []

    def said(self) -> list[dict[str, Any]]:
        """Give the data of all that was published since the test began."""
        for _, message in self._wire.heard():
            push = msgspec.json.decode(msgpack.unpackb(message)["frame"], type=Frame).push
            self._said.append(msgspec.json.decode(push.pub.data))
        return self._said

    def types(self) -> set[str]:
        """Give the types of it."""
        return {data["type"] for data in self.said()}


@pytest.fixture
def ear(wire: Wire) -> Ear:
    return Ear(wire)


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch, ear: Ear) -> dict[str, Any]:
    """Jobs that end in every way there is, and say all that a job may say."""
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(board, "_board", Board(is_shared=True))

    @jobs_of.job()
    def talk(job: Run) -> None:
        job.step("Read")
        job.scribe.write()
        job.log("x" * 5_000)
        job.progress(1, 2, "half")
        wait_until(lambda: "job.progressed" in ear.types())

    @jobs_of.job()
    def refuse(job: Run) -> None:
        raise UserError("No.")

    @jobs_of.job(max_attempts=2, retry_on=(OSError,))
    def stumble(job: Run) -> None:
        raise OSError

    @jobs_of.job()
    def obey(job: Run) -> None:
        interventions.cancel(job.job.pk, job.job.owner)
        job.check()

    return jobs_of.registry


def live(kinds: dict[str, Any], alice: User) -> None:
    """Have all happen to a person that is told to one."""
    for kind in kinds.values():
        job = kind.enqueue(owner=alice)
        worker.perform(jobs.claim("default", "w1"))
    interventions.cancel(kinds["talk"].enqueue(owner=alice).pk, alice)
    retention.delete(job.pk, by=alice)
    action = {"label": "Open", "link": "/"}
    for _ in range(2):
        told = inbox.notify(alice, "Done", key="report:7", actions=[action])
    inbox.mark(alice, "read", [told])
    inbox.mark_all(alice, "unread")
    inbox.withdraw(alice, ["report:7"])
    revocation.end_sessions(alice.pk, revocation.PASSWORD_CHANGED)


def misfit(ours: Any, contract: Any, path: str = "") -> str:
    """Say where our value is of another form; empty if it is nowhere."""
    name = path.rpartition(".")[2]
    if ours is None and name in MAY_BE_NULL:
        return ""
    if isinstance(ours, dict) and isinstance(contract, dict):
        if differ := ours.keys() ^ contract.keys():
            return f"{path}: {sorted(differ)}"
        parts = [misfit(ours[key], contract[key], f"{path}.{key}") for key in ours]
        return " ".join(filter(None, parts))
    if isinstance(ours, list) and isinstance(contract, list) and contract:
        return " ".join({misfit(each, contract[0], f"{path}[]") for each in ours} - {""})
    return "" if form(ours) == form(contract) else f"{path}: {form(ours)} for {form(contract)}"


def form(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
    return type(value).__name__


@pytest.mark.django_db(transaction=True)
def test_what_is_published_today_has_the_fields_and_types_that_pages_are_tested_with(
    kinds: dict[str, Any], ear: Ear
) -> None:
    live(kinds, User.objects.create(username="alice"))
    connection.close()

    assert ear.types() == story.types() - UNKNOWN
    for data in ear.said():
        misfits = [misfit(data, told, data["type"]) for told in story.told(data["type"])]
        assert "" in misfits, misfits

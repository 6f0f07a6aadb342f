"""The reader's own SQL, against what the platform wrote into each of the two databases."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.chaos import journal
from tests.chaos.reader import Sampler, read, write_final
from tests.chaos.reading import Card, Reading
from tests.chaos.records import Sighting
from tests.installation import Installation

_CANCELLED = """
from django.contrib.auth.models import User
from tasks import interventions, jobs
from tasks.job import find
alice = User.objects.get(username="alice")
job = jobs.enqueue(find("echo"), alice, {"word": "ü"})
interventions.cancel(job.pk, by=alice)
print(job.pk)
"""
_SUCCEEDED = """
import json, sys
from tasks.models import Job
for number, result in enumerate(json.loads(sys.argv[1])):
    changes = {"owner_id": 1, "state": "succeeded", "result": result}
    Job.objects.update_or_create(kind=f"kind{number}", defaults=changes)
"""
_NOTIFIED = """
from realtime import inbox
ids = [inbox.notify(1, title) for title in ("read", "archived")]
inbox.mark(1, "read", ids[:1])
inbox.mark(1, "archived", ids[1:])
print(*ids)
"""


def test_it_reads_streams_events_and_jobs_as_they_are(
    installation: Installation, tmp_path: Path
) -> None:
    job = installation.run(_CANCELLED)

    write_final(installation.env["DATABASE_URL"], tmp_path)

    found = msgspec.json.decode((tmp_path / journal.READER).read_bytes(), type=Reading)
    (stream,) = found.streams
    assert (stream.topic, stream.head, stream.floor) == ("user:1", 2, 0)
    assert [(e.topic, e.offset, e.type, e.job) for e in found.events] == [
        ("user:1", 1, "job.queued", job),
        ("user:1", 2, "job.cancelled", job),
    ]
    (row,) = found.jobs
    assert (row.id, row.owner, row.kind, row.state) == (job, 1, "echo", "cancelled")
    assert row.arguments == {"word": "ü"}
    assert row.result is None


def test_it_reads_what_people_were_notified_of_and_what_became_of_it(
    installation: Installation,
) -> None:
    ids = installation.run(_NOTIFIED).split()

    rows = {row.id: row for row in read(installation.env["DATABASE_URL"]).notifications}

    assert {row.owner for row in rows.values()} == {1}
    assert [rows[key].card for key in ids] == [
        Card("read", seen=True, read=True, archived=False),
        Card("archived", seen=False, read=False, archived=True),
    ]


def test_a_job_is_seen_final_once_and_again_when_it_changes(installation: Installation) -> None:
    seen: list[Sighting] = []
    url = installation.env["DATABASE_URL"]
    sampler = Sampler(url, seen.append)

    installation.run(_SUCCEEDED, json.dumps(["a text", {"attempt": 2}]))
    sampler.look()
    sampler.look()
    installation.run(_SUCCEEDED, json.dumps(["a text", {"attempt": 3}]))
    sampler.look()

    text, counted = read(url).jobs
    assert (text.result, counted.result) == ("a text", {"attempt": 3})
    assert [(sight.job, sight.state) for sight in seen] == [
        (text.id, "succeeded"), (counted.id, "succeeded"), (counted.id, "succeeded"),
    ]  # fmt: skip
    assert len({sight.result for sight in seen}) == 3
    assert seen[1].t < seen[2].t


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("sqlite:////nowhere/db", id="sqlite"),
        pytest.param("postgres://postgres@/no?host=/nowhere", id="postgres"),
    ],
)
def test_a_database_that_is_away_is_looked_at_the_next_time(url: str) -> None:
    seen: list[Sighting] = []

    Sampler(url, seen.append).look()

    assert seen == []

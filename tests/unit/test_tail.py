"""What a tail tells of what it hears."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User

from project.up.folders import Folders
from realtime.following import Anew, Event, Update
from tasks import command_line
from tasks.lines import happening
from tasks.models import Job
from tasks.tail import Tail

ID = UUID("0199aaaa-bbbb-7000-8000-000000000001")


def job(state="running", attempt=1, job_id=ID, **fields):
    return {
        "id": str(job_id),
        "kind": "mail",
        "state": state,
        "attempt": attempt,
        "max_attempts": 1,
        "progress": None,
        "error": "",
        **fields,
    }


def event(type_="job.started", offset=1, **fields):
    at = "2026-10-01T12:00:00.000Z"
    return Event(offset, {"v": 1, "type": type_, "at": at, "job": job(**fields)})


def update(n, **fields):
    at = "2026-10-01T12:00:00.000Z"
    return Update({"v": 1, "type": "job.progressed", "n": n, "at": at, "job": job(**fields)})


def types(tail, *heard):
    return [told["type"] for one in heard for told in tail.take(one)]


def test_only_newer_progress_is_told():
    tail = Tail(1)

    assert len(types(tail, update(1), update(1), update(3), update(2), update(1, attempt=2))) == 3


def test_nothing_is_told_of_a_job_after_its_end():
    tail = Tail(1)

    told = types(tail, event("job.succeeded", state="succeeded"), update(9), event("job.started"))

    assert told == ["job.succeeded"]


def test_a_job_that_is_followed_alone_is_over_at_its_end():
    tail, other = Tail(1, ID), uuid4()

    assert types(tail, event("job.failed", state="failed", job_id=other)) == []
    assert not tail.is_over
    assert types(tail, event("job.failed", state="failed")) == ["job.failed"]
    assert tail.is_over


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(Event(1, {"type": "session.ended", "session": "x"}), id="not of a job"),
        pytest.param(event("job.painted"), id="an event of a later release"),
        pytest.param(Update({"type": "job.dreamt", "job": job()}), id="such an update"),
        pytest.param(Event(1, {"type": "job.queued", "job": 7}), id="no job in it"),
    ],
)
def test_what_is_not_known_is_ignored(heard):
    assert types(Tail(1), heard) == []


@pytest.mark.django_db
def test_after_a_reload_what_was_told_of_is_told_again_as_it_is():
    alice = User.objects.create_user("alice")
    made = [Job.objects.create(owner=alice, kind="mail", queue="mail") for _ in range(2)]
    Job.objects.create(owner=User.objects.create_user("bob"), kind="mail", queue="mail")
    tail = Tail(alice.pk)

    first = list(tail.take(Anew("e", 1, is_first=True)))
    Job.objects.filter(pk=made[0].pk).update(state="failed")
    again = list(tail.take(Anew("f", 1, is_first=False)))
    last = list(tail.take(Anew("g", 1, is_first=False)))

    assert [told["job"]["state"] for told in first] == ["queued", "queued"]
    assert [told["type"] for told in again] == ["reload", "job.shown", "job.shown"]
    assert [told["job"]["state"] for told in again[1:]] == ["failed", "queued"]
    assert [told["job"]["id"] for told in last[1:]] == [str(made[1].pk)]


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        pytest.param(event(), "started", id="an event"),
        pytest.param(
            event("job.cancelled", state="cancelled", progress={"current": 40, "total": 100}),
            "cancelled at 40 %",
            id="how far it came",
        ),
        pytest.param(
            event("job.failed", state="failed", error="No\x1b[2J."), r"failed: No\x1b[2J.", id="why"
        ),
        pytest.param(
            update(1, progress={"current": 7, "total": None, "message": "row 7"}),
            "progressed at 7, row 7",
            id="progress without a total",
        ),
        pytest.param(
            event("job.retrying", state="retrying", max_attempts=3),
            "retrying (attempt 1 of 3)",
            id="which attempt",
        ),
    ],
)
def test_a_line_says_when_which_and_what(heard, words):
    assert happening(heard.data, UTC) == f"2026-10-01 12:00:00 UTC  {ID}  mail  {words}"


def test_the_platform_says_where_it_runs_in_the_file_that_is_read_here(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert command_line.address() == "http://127.0.0.1:8000"

    Folders.of(tmp_path).lock.write_text("77\nhttp://127.0.0.1:8123\n")

    assert command_line.address() == "http://127.0.0.1:8123"

"""What a look at the schedules does to the database, and how schedules are shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, IntervalSchedule, PeriodicTask

from project.celery import app
from tasks import beat, enqueueing
from tasks import job as jobs_of
from tasks import schedule as schedules_of
from tasks.beat import Clerk, SlotScheduler, fire
from tasks.errors import InvalidArguments
from tasks.job import Run, job
from tasks.models import Job, Schedule, Step
from tasks.schedule import Every, cron, schedule

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(schedules_of, "registry", {})


@pytest.fixture
def tally():
    @job(internal=True)
    def tally(job: Run, *, rows: int = 1) -> None: ...

    return tally


@pytest.fixture
def alice():
    return User.objects.create(username="alice")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def plan(name="a", *, changed=0, every=60, **fields) -> PeriodicTask:
    """An administrator's schedule, last changed ``changed`` seconds after noon."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=every, period="seconds")
    given = {"task": "tally", "interval": interval, **fields}
    row = PeriodicTask.objects.create(name=name, **given)
    PeriodicTask.objects.filter(pk=row.pk).update(date_changed=at(changed))
    return row


def slots(name: str) -> list[datetime]:
    return list(Job.objects.filter(schedule=name).order_by("slot").values_list("slot", flat=True))


def test_a_schedule_of_the_code_counts_from_when_it_is_first_seen(tally):
    schedule("a", tally, Every(60))
    clerk = Clerk(at(-600))

    assert clerk.look(at(30)) == at(60)
    assert slots("a") == []

    assert clerk.look(at(61)) == at(120)
    assert slots("a") == [at(60)]


def test_the_job_of_a_slot_says_where_it_comes_from(tally, alice):
    schedule("a", tally, Every(60), owner="alice", arguments={"rows": 3})
    clerk = Clerk(at(-600))

    clerk.look(at(1))
    clerk.look(at(60))

    recorded = Job.objects.get()
    assert (recorded.kind, recorded.owner, recorded.arguments) == ("tally", alice, {"rows": 3})
    assert (recorded.schedule, recorded.slot) == ("a", at(60))
    assert Step.objects.get().by == "schedule: a"


def test_a_slot_is_fired_once_whoever_tries(tally):
    entry = schedule("a", tally, Every(60))
    Schedule.objects.create(name="a", last_slot=NOON)

    assert [fire(entry, at(60)), fire(entry, at(60)), fire(entry, at(0))] == [True, False, False]
    assert slots("a") == [at(60)]


def test_a_slot_that_has_its_job_gets_no_second_one(tally):
    entry = schedule("a", tally, Every(60))
    Schedule.objects.create(name="a", last_slot=NOON)
    fire(entry, at(60))
    Schedule.objects.update(last_slot=NOON)

    fire(entry, at(60))

    assert slots("a") == [at(60)]


def test_the_schedule_does_not_move_without_its_job(tally, monkeypatch):
    entry = schedule("a", tally, Every(60))
    Schedule.objects.create(name="a", last_slot=NOON)
    clerk = Clerk(at(-600))

    def away(*_):
        raise OperationalError("the server is away")

    monkeypatch.setattr(enqueueing, "_insert", away)
    with pytest.raises(OperationalError):
        clerk.look(at(61))
    assert Schedule.objects.get().last_slot == NOON

    monkeypatch.undo()
    monkeypatch.setattr(jobs_of, "registry", {"tally": tally})
    monkeypatch.setattr(schedules_of, "registry", {"a": entry})
    clerk.look(at(62))
    assert slots("a") == [at(60)]


def test_a_scheduler_whose_look_fails_comes_again_soon(tally, monkeypatch, caplog):
    scheduler = SlotScheduler(app)
    assert 0 <= scheduler.tick() <= 5

    def away():
        raise OperationalError("the server is away")

    monkeypatch.setattr(beat.timetable, "entries", away)

    assert scheduler.tick() == 1
    assert [record.action for record in caplog.records] == ["beat.failed"]
    scheduler.close()


def test_an_administrators_schedule_counts_from_its_last_change(tally):
    row = plan(changed=0)
    clerk = Clerk(at(-600))

    clerk.look(at(125))
    assert slots("a") == [at(60 * n) for n in (1, 2)]

    PeriodicTask.objects.filter(pk=row.pk).update(date_changed=at(1000))
    clerk.look(at(1000))
    clerk.look(at(1021))
    assert slots("a") == [at(60 * n) for n in (1, 2, 17)]
    row.refresh_from_db()
    assert row.total_run_count == 3
    assert row.last_run_at is not None


def test_a_moment_that_was_missed_since_it_was_set_is_kept(tally):
    clocked = ClockedSchedule.objects.create(clocked_time=at(30))
    row = plan(interval=None, clocked=clocked, one_off=True)
    clerk = Clerk(at(600))

    assert clerk.look(at(600)) == at(605)
    clerk.look(at(606))
    clerk.look(at(700))

    assert slots("a") == [at(30)]
    row.refresh_from_db()
    assert not row.enabled


def test_a_one_off_runs_once_although_more_is_due(tally):
    plan(every=1, one_off=True)
    clerk = Clerk(at(-600))

    clerk.look(at(5))
    clerk.look(at(10))

    assert slots("a") == [at(1)]


def test_a_disabled_schedule_does_not_run(tally):
    plan(enabled=False)

    assert Clerk(at(-600)).look(at(61)) is None
    assert Job.objects.count() == 0


def test_one_that_was_disabled_a_moment_ago_does_not_run(tally):
    row = plan()
    entry = beat.timetable.of_row(row)
    Schedule.objects.create(name="a", last_slot=NOON)
    PeriodicTask.objects.update(enabled=False)

    assert not fire(entry, at(60))
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"task": "dance"}, id="unknown kind"),
        pytest.param({"kwargs": '{"rows": "many"}'}, id="wrong arguments"),
        pytest.param({"headers": '{"owner": "4711"}'}, id="the owner is gone"),
        pytest.param({"headers": '{"owner": ["x"]}'}, id="the owner is no key"),
    ],
)
def test_a_job_that_cannot_be_lets_its_slot_go_and_stops_nobody(tally, caplog, wrong):
    plan("a wrong one", **wrong)
    plan("right")
    clerk = Clerk(at(-600))

    for seconds in (61, 62, 63):
        assert clerk.look(at(seconds)) == at(120)

    assert slots("right") == [at(60)]
    assert slots("a wrong one") == []
    assert [record.action for record in caplog.records if record.levelname == "ERROR"] == [
        "schedule.failed"
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"headers": "{"}, id="headers"),
        pytest.param({"kwargs": "[1]"}, id="arguments"),
        pytest.param({"headers": '{"missed": "twice"}'}, id="missed"),
        pytest.param({"name": "of the code"}, id="name"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_logged_once_and_stops_nobody(tally, caplog, wrong):
    schedule("of the code", tally, Every(60))
    Schedule.objects.create(name="of the code", last_slot=NOON)
    plan(changed=1000, **wrong)
    clerk = Clerk(at(-600))

    for seconds in (60, 61, 62):
        clerk.look(at(seconds))

    assert slots("of the code") == [at(60)]
    assert Job.objects.count() == 1
    refused = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.action for record in refused] == ["schedule.refused"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        pytest.param({"name": ""}, ValueError, id="no name"),
        pytest.param({"name": "x" * 201}, ValueError, id="a long name"),
        pytest.param({"name": "taken"}, ValueError, id="a name that is taken"),
        pytest.param({"missed": "twice"}, ValueError, id="unknown way with what is missed"),
        pytest.param({"arguments": {"rows": "3"}}, InvalidArguments, id="wrong arguments"),
    ],
)
def test_a_mistake_in_the_code_is_refused_at_import(tally, given, error):
    schedule("taken", tally, Every(60))

    with pytest.raises(error):
        schedule(given.pop("name", "a"), tally, Every(60), **given)


def shown() -> list[dict[str, object]]:
    output = StringIO()
    call_command("schedules", "--json", stdout=output)
    return json.loads(output.getvalue())


def test_the_command_shows_every_schedule_with_its_next_three_runs(tally):
    schedule("of the code", tally, cron("0 0 1 1 *"), missed="skip")
    Schedule.objects.create(name="of the code", last_slot=NOON)
    plan("disabled", enabled=False)
    year = timezone.now().year

    of_code, disabled = shown()

    assert of_code == {
        "name": "of the code",
        "kind": "tally",
        "source": "code",
        "when": "0 0 1 1 * (UTC)",
        "missed": "skip",
        "enabled": True,
        "last_slot": "2026-07-01T12:00:00.000Z",
        "next": [f"{year + n}-01-01T00:00:00.000Z" for n in (1, 2, 3)],
        "problem": "",
    }
    assert (disabled["source"], disabled["enabled"], disabled["next"]) == ("admin", False, [])


def test_the_command_speaks_to_people_too(tally):
    schedule("of the code", tally, Every(3600))
    plan("broken", headers="{")
    output = StringIO()

    call_command("schedules", stdout=output)

    told = output.getvalue()
    assert "of the code (code)\n  tally, every 1:00:00; missed: once\n  last slot  -" in told
    assert "broken (admin): The headers are not a JSON object." in told

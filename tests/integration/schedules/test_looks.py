"""What a look at the schedules does to the database."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django_celery_beat.models import ClockedSchedule, PeriodicTask

from project.celery import app
from tasks import beat, enqueueing
from tasks import job as jobs_of
from tasks import schedule as schedules_of
from tasks.beat import Clerk, SlotScheduler, fire
from tasks.models import Job, Schedule, Step
from tasks.schedule import Every, schedule
from tests.integration.schedules import NOON, at, plan, slots

pytestmark = pytest.mark.django_db(transaction=True)


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

"""Schedules as administrators set and see them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from tasks import files, timetable
from tasks.job import Run, job
from tasks.job import registry as kinds

pytestmark = pytest.mark.django_db

LIST = "/admin/django_celery_beat/periodictask/"
ADD = f"{LIST}add/"


@pytest.fixture(autouse=True)
def tally():
    @job()
    def tally(job: Run, *, rows: int, deep: bool = False) -> None: ...

    yield tally
    del kinds["tally"]


@pytest.fixture
def hourly():
    return IntervalSchedule.objects.create(every=1, period="hours")


def filled(**changes) -> dict[str, object]:
    given = {"name": "nightly", "task": "tally", "kwargs": '{"rows": 3}', "enabled": "on"}
    return {**given, "missed": "once", **changes}


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 200, response
    return dict(response.context["adminform"].form.errors)


def test_an_administrator_adds_a_schedule(office, hourly):
    alice = User.objects.create(username="alice")

    response = office.post(ADD, filled(interval=hourly.pk, owner="alice", missed="skip"))

    assert response.status_code == 302
    entry = timetable.of_row(PeriodicTask.objects.get())
    assert (entry.name, entry.kind, str(entry.missed)) == ("nightly", "tally", "skip")
    assert (entry.owner, entry.problem) == ({"pk": str(alice.pk)}, "")
    assert entry.arguments == {"rows": 3, "deep": False}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        pytest.param("kwargs", "{}", "“rows” is missing", id="an argument is missing"),
        pytest.param(
            "kwargs", '{"rows": "3"}', "“rows” must be a whole number", id="of another type"
        ),
        pytest.param("kwargs", '{"rows": 3, "x": 1}', "takes no argument", id="unknown argument"),
        pytest.param("kwargs", "rows=3", "This is not JSON", id="no JSON"),
        pytest.param("kwargs", "[3]", "Give a JSON object", id="a list"),
        pytest.param("task", "dance", "not one of the available", id="no such kind"),
        pytest.param("owner", "mallory", "nobody of this name", id="no such user"),
        pytest.param("name", "prune the log", "of the code has this name", id="the code's name"),
        pytest.param("missed", "twice", "not one of the available", id="no such choice"),
    ],
)
def test_a_mistake_is_shown_at_its_field(office, hourly, field, value, sentence):
    response = office.post(ADD, filled(interval=hourly.pk, **{field: value}))

    assert list(errors(response)) == [field]
    assert sentence in errors(response)[field][0]
    assert not PeriodicTask.objects.exists()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(dict, "must be set", id="no time at all"),
        pytest.param(
            lambda: {
                "interval": IntervalSchedule.objects.create(every=5, period="microseconds").pk
            },
            "once a second at most",
            id="too often",
        ),
        pytest.param(
            lambda: {
                "crontab": CrontabSchedule.objects.create(day_of_month=30, month_of_year=2).pk
            },
            "never due",
            id="30 February",
        ),
        pytest.param(
            lambda: {"clocked": ClockedSchedule.objects.create(clocked_time="2020-01-01T00Z").pk},
            "never due",
            id="a moment that is over",
        ),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(office, make, sentence):
    response = office.post(ADD, filled(**make()))

    assert sentence in errors(response)["__all__"][0]


def test_interval_and_crontab_at_once_are_refused(office, hourly):
    crontab = CrontabSchedule.objects.create(hour=3)

    response = office.post(ADD, filled(interval=hourly.pk, crontab=crontab.pk))

    assert set(errors(response)) == {"interval", "crontab"}


def test_an_upload_of_somebody_else_is_refused(office, hourly, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    alice, bob = (User.objects.create(username=name) for name in ("alice", "bob"))
    upload = files.save_upload(alice.pk, "a.csv", "text/csv", [b"a,b\n1,2\n"])
    given = {"task": "reports", "kwargs": json.dumps({"file": str(upload.pk)})}

    refused = office.post(ADD, filled(interval=hourly.pk, owner=bob.username, **given))
    taken = office.post(ADD, filled(interval=hourly.pk, owner=alice.username, **given))

    assert list(errors(refused)) == ["kwargs"]
    assert taken.status_code == 302


def test_a_single_moment_is_a_one_off(office):
    tomorrow = timezone.now() + timedelta(days=1)
    clocked = ClockedSchedule.objects.create(clocked_time=tomorrow)

    office.post(ADD, filled(clocked=clocked.pk))

    assert PeriodicTask.objects.get().one_off


def test_a_schedule_that_followed_the_sun_can_be_given_an_hour(office, hourly):
    sun = SolarSchedule.objects.create(event="sunset", latitude=52, longitude=13)
    row = PeriodicTask.objects.create(name="dusk", task="tally", solar=sun)
    assert "the sun is not followed" in timetable.of_row(row).problem

    response = office.post(f"{LIST}{row.pk}/change/", filled(name="dusk", interval=hourly.pk))

    assert response.status_code == 302
    assert timetable.of_row(PeriodicTask.objects.get()).problem == ""


def test_the_list_shows_when_it_runs_next(office):
    crontab = CrontabSchedule.objects.create(minute=30, hour=2, timezone="Europe/Berlin")
    row = PeriodicTask.objects.create(name="nightly", task="tally", crontab=crontab)
    PeriodicTask.objects.create(name="bad", task="tally", crontab=crontab, headers="{")

    page = office.get(LIST)
    form = office.get(f"{LIST}{row.pk}/change/")

    assert "30 2 * * * (Europe/Berlin)" in page.content.decode()
    assert "The headers are not a JSON object." in page.content.decode()
    assert (
        timetable.next_runs(timetable.of_row(row), timezone.now())[0].strftime(
            "%Y-%m-%d %H:%M:%S UTC"
        )
        in form.content.decode()
    )


def test_a_change_of_time_counts_from_then_and_another_does_not(office, hourly):
    office.post(ADD, filled(interval=hourly.pk))
    row = PeriodicTask.objects.get()
    before = row.date_changed
    change = f"{LIST}{row.pk}/change/"

    office.post(change, filled(interval=hourly.pk, description="every hour", kwargs='{"rows": 4}'))
    row.refresh_from_db()
    assert (row.date_changed, row.kwargs) == (before, '{"rows": 4, "deep": false}')

    daily = IntervalSchedule.objects.create(every=1, period="days")
    office.post(change, filled(interval=daily.pk))
    row.refresh_from_db()
    assert row.date_changed > before


def test_a_changed_crontab_counts_from_then(office):
    crontab = CrontabSchedule.objects.create(hour=3)
    row = PeriodicTask.objects.create(name="nightly", task="tally", crontab=crontab)
    given = {"minute": "*", "hour": "5", "day_of_month": "*", "month_of_year": "*"}

    url = f"/admin/django_celery_beat/crontabschedule/{crontab.pk}/change/"
    inline = {"periodictask_set-TOTAL_FORMS": 0, "periodictask_set-INITIAL_FORMS": 0}
    response = office.post(url, {**given, "day_of_week": "*", "timezone": "UTC", **inline})

    assert response.status_code == 302
    assert PeriodicTask.objects.get().date_changed > row.date_changed


def test_what_is_enabled_again_counts_from_then(office, hourly):
    row = PeriodicTask.objects.create(name="a", task="tally", interval=hourly, enabled=False)

    office.post(LIST, {"action": "enable", "_selected_action": [row.pk]})

    enabled = PeriodicTask.objects.get()
    assert enabled.enabled
    assert enabled.date_changed > row.date_changed

    office.post(LIST, {"action": "disable", "_selected_action": [row.pk]})
    assert not PeriodicTask.objects.get().enabled


def test_nobody_is_offered_the_sun(office):
    assert office.get("/admin/django_celery_beat/solarschedule/").status_code == 404
    for name in ("periodictask", "intervalschedule", "crontabschedule", "clockedschedule"):
        assert office.get(f"/admin/django_celery_beat/{name}/").status_code == 200
        assert office.get(f"/admin/django_celery_beat/{name}/add/").status_code == 200

"""The admin in the language of who works there, as far as the words are ours."""

from __future__ import annotations

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from realtime.inbox import notify
from tasks.models import Job, Step

pytestmark = pytest.mark.django_db

JOBS, INBOX = "/admin/tasks/job/", "/admin/realtime/notification/"
SCHEDULES = "/admin/django_celery_beat/periodictask/"
GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def job(alice):
    job = Job.objects.create(owner=alice, kind="mail", state="failed", result=list(range(30)))
    Step.objects.create(job=job, name="failed", by="w1")
    return job


@pytest.fixture
def nightly():
    daily = IntervalSchedule.objects.create(every=1, period="days")
    return PeriodicTask.objects.create(name="nightly", task="mail", interval=daily)


def missing(page, *sentences):
    html = page.content.decode()
    return [sentence for sentence in sentences if sentence not in html]


def test_jobs_are_listed_in_german(office, job):
    page = office.get(JOBS, headers=GERMAN)

    assert not missing(
        page,
        "Ausgewählte Aufträge abbrechen",
        "Ausgewählte Aufträge wiederholen",
        "Jedes Wort ist der Anfang der ID",
    )


def test_a_job_is_shown_in_german(office, job):
    page = office.get(f"{JOBS}{job.pk}/change/", headers=GERMAN)

    said = ("Ausgabe (die letzten Zeilen)", "Fortschritt", "Ergebnis", "32 Zeilen", "Verlauf")
    assert not missing(page, *said)


@pytest.mark.parametrize(
    ("address", "action", "state", "sentence"),
    [
        pytest.param(
            JOBS, "cancel_jobs", "failed", "War schon zu Ende: 1.", id="a job that has ended"
        ),
        pytest.param(
            JOBS, "repeat_jobs", "failed", "Noch einmal eingereiht: 1.", id="a job once more"
        ),
        pytest.param(
            JOBS, "repeat_jobs", "running", "Der Auftrag ist noch nicht zu Ende: 1.", id="too soon"
        ),
        pytest.param(INBOX, "mark_read", "failed", "Als gelesen markiert: 1.", id="a notification"),
    ],
)
def test_what_was_done_is_told_in_german(office, alice, job, address, action, state, sentence):
    given = {"recipients": ["a@example.com"], "subject": "Hello", "body": "Hi"}
    Job.objects.update(arguments=given, state=state)
    chosen = job.pk if address == JOBS else notify(alice, "Title")

    form = {"action": action, "_selected_action": [str(chosen)]}
    response = office.post(address, form, follow=True, headers=GERMAN)

    assert [str(message) for message in response.context["messages"]] == [sentence]


def test_notifications_are_filtered_in_german(office, alice):
    notify(alice, "Title")

    page = office.get(INBOX, headers=GERMAN)

    said = ("Nach Zustand", "ungelesen", "archiviert", "Ausgewählte Benachrichtigungen archivieren")
    assert not missing(page, *said)


def test_schedules_are_listed_and_set_in_german(office, nightly):
    listed = office.get(SCHEDULES, headers=GERMAN)
    form = office.get(f"{SCHEDULES}{nightly.pk}/change/", headers=GERMAN)

    assert not missing(listed, "Ausgewählte Zeitpläne ausschalten", "Falls Beat nicht lief")
    assert not missing(form, "Wie es läuft", "Welche Art von Auftrag läuft.", "Nächste Läufe")


def test_a_mistake_in_a_schedule_is_said_in_german(office, nightly):
    given = {"name": "other", "task": "mail", "kwargs": "{", "missed": "once"}

    page = office.post(f"{SCHEDULES}add/", given, headers=GERMAN)

    assert not missing(page, "Das ist kein JSON")

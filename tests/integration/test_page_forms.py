"""The pages without scripts: plain forms start, stop and repeat jobs, and find them again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tasks.models import File, Job, Step
from tasks.states import State
from tests.integration.job_rows import job_of
from tests.people import sign_in

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
LETTER = {"subject": "Hello", "body": "How are you?", "recipients": "a@example.org; b@example.org"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def table() -> SimpleUploadedFile:
    return SimpleUploadedFile("towns.csv", b"a,b\n1,2\n", "text/csv")


def listed(tab: Client, address: str) -> list[str]:
    html = tab.get(address).content.decode()
    return re.findall(r'<h3><a href="/jobs/([0-9a-f-]{36})/">', html)


@pytest.mark.parametrize(
    ("kind", "fields", "uploads"),
    [
        pytest.param("reports", lambda: {"file": table()}, 1, id="a table"),
        pytest.param("images", lambda: {"file": [table(), table()]}, 2, id="two photos"),
        pytest.param("mail", lambda: LETTER, 0, id="a letter"),
        pytest.param("mail", lambda: {"sample": "1"}, 0, id="a sample letter"),
        pytest.param("images", lambda: {"sample": "1"}, 4, id="sample photos"),
    ],
)
def test_a_plain_form_starts_a_job_and_leads_to_its_page(tab, alice, kind, fields, uploads):
    answer = tab.post(f"/start/{kind}/", fields())

    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.kind, job.owner, job.state) == (kind, alice, State.QUEUED)
    assert job.inputs.count() == File.objects.count() == uploads


def test_recipients_are_divided_by_lines_commas_or_semicolons(tab):
    tab.post("/start/mail/", LETTER)

    assert Job.objects.get().arguments["recipients"] == ["a@example.org", "b@example.org"]


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        pytest.param("reports", {}, "Choose a file first.", id="no file"),
        pytest.param(
            "reports",
            {"file": SimpleUploadedFile("empty.csv", b"")},
            "The file is empty.",
            id="an empty file",
        ),
        pytest.param(
            "mail",
            {**LETTER, "recipients": ""},
            "“recipients” must not be empty",
            id="nobody to write to",
        ),
        pytest.param(
            "mail",
            {**LETTER, "recipients": "a@example.org, bob"},
            "does not take “bob”",
            id="no address",
        ),
    ],
)
def test_what_is_wrong_with_a_form_is_said_beside_what_was_written(tab, kind, fields, sentence):
    answer = tab.post(f"/start/{kind}/", fields)
    html = answer.content.decode()

    assert answer.status_code == 422
    assert re.search(rf'<p class="bad" role="alert">[^<]*{sentence}', html)
    assert "How are you?" in html or kind != "mail"
    assert not Job.objects.exists()


def test_an_upload_has_the_limit_that_it_has_elsewhere(tab, settings):
    settings.UPLOAD_MAX_BYTES = 4

    answer = tab.post("/start/reports/", {"file": table()})

    assert "An upload has at most 4 bytes." in answer.content.decode()
    assert not File.objects.exists()


def test_a_form_that_is_sent_twice_starts_one_job(tab):
    first = tab.post("/start/reports/", {"file": table(), "key": KEY})
    second = tab.post("/start/reports/", {"file": table(), "key": KEY})

    assert first["Location"] == second["Location"]
    assert Job.objects.count() == File.objects.count() == 1


def test_a_form_of_another_site_starts_nothing(alice):
    client = sign_in(alice, enforce_csrf_checks=True)

    assert client.post("/start/mail/", LETTER).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", ["prune", "nonsense"])
def test_only_the_kinds_that_have_a_form_are_started_by_one(tab, kind):
    assert tab.post(f"/start/{kind}/", {}).status_code == 404


def test_a_waiting_job_is_stopped_by_its_button(tab, alice):
    job = job_of(alice)

    answer = tab.post(f"/jobs/{job.pk}/cancel/")

    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert Job.objects.get().state == State.CANCELLED


def test_a_finished_job_is_repeated_as_it_was(tab, alice):
    job = job_of(alice, kind="mail", queue="mail", state=State.FAILED, arguments={
        "subject": "Hello", "body": "B", "recipients": ["a@example.org"]})  # fmt: skip

    answer = tab.post(f"/jobs/{job.pk}/repeat/")

    new = Job.objects.get(repeat_of=job)
    assert answer["Location"] == f"/jobs/{new.pk}/"
    assert new.arguments == job.arguments


def test_a_job_that_has_not_ended_is_not_repeated_and_its_page_says_why(tab, alice):
    job = job_of(alice)

    answer = tab.post(f"/jobs/{job.pk}/repeat/")

    assert answer.status_code == 422
    assert "The job has not come to its end." in answer.content.decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param("{", "This is not JSON", id="broken JSON"),
        pytest.param("[1]", "Arguments are an object", id="a list"),
        pytest.param('{"colour": 1}', "no argument", id="what the job does not take"),
    ],
)
def test_changed_arguments_that_are_wrong_come_back_with_a_sentence(
    tab, alice, arguments, sentence
):
    job = job_of(alice, kind="mail", queue="mail", state=State.FAILED)

    answer = tab.post(f"/jobs/{job.pk}/repeat/", {"arguments": arguments})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Job.objects.count() == 1


def test_a_job_is_repeated_with_the_arguments_that_were_changed(tab, alice):
    job = job_of(alice, kind="mail", queue="mail", state=State.FAILED, arguments={"subject": "Old"})
    assert "Old" in tab.get(f"/jobs/{job.pk}/repeat/").content.decode()

    changed = '{"subject": "New", "body": "B", "recipients": ["a@example.org"]}'
    tab.post(f"/jobs/{job.pk}/repeat/", {"arguments": changed})

    assert Job.objects.get(repeat_of=job).arguments["subject"] == "New"


@pytest.mark.parametrize("verb", ["cancel", "repeat"])
def test_nobody_acts_on_anothers_job_but_staff(tab, alice, verb):
    theirs = job_of(User.objects.create_user("bob"))

    assert tab.post(f"/jobs/{theirs.pk}/{verb}/").status_code == 404
    assert tab.get(f"/jobs/{theirs.pk}/").status_code == 404
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert tab.post(f"/jobs/{theirs.pk}/{verb}/").status_code in (302, 422)
    assert "bob" in tab.get(f"/jobs/{theirs.pk}/").content.decode()


@pytest.mark.parametrize("address", ["/start/mail/", "/jobs/{}/cancel/"])
def test_who_comes_to_a_forms_address_by_a_link_is_led_to_its_page(tab, alice, address):
    job = job_of(alice)

    assert tab.get(address.format(job.pk)).status_code == 302
    assert Job.objects.get().state == State.QUEUED


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("/", {"new", "old", "failed"}, id="nothing asked for"),
        pytest.param("/?state=queued", {"new", "old"}, id="a state, with its likes"),
        pytest.param("/?state=failed", {"failed"}, id="another state"),
        pytest.param("/?kind=mail", {"failed"}, id="a kind"),
        pytest.param("/?q=smtp", {"failed"}, id="a word"),
        pytest.param("/?since={today}", {"new", "failed"}, id="a day"),
        pytest.param(
            "/?state=nonsense&since=never&before=x", {"new", "old", "failed"}, id="nonsense"
        ),
        pytest.param("/?state=running", set(), id="what there is none of"),
    ],
)
def test_the_list_shows_what_its_address_asks_for(tab, alice, address, expected):
    now = timezone.now()
    jobs = {
        "old": job_of(alice, queued_at=now - timedelta(days=3)),
        "new": job_of(alice, state=State.RETRYING),
        "failed": job_of(alice, kind="mail", state=State.FAILED, error="No SMTP server."),
    }

    shown = listed(tab, address.format(today=now.date()))

    assert {name for name, job in jobs.items() if str(job.pk) in shown} == expected


def test_older_jobs_are_a_link_away_and_the_filters_go_with_it(tab, alice):
    jobs = [job_of(alice, state=State.FAILED) for _ in range(31)]
    html = tab.get("/?state=failed").content.decode()
    older = re.search(r'<a href="([^"]+)" rel="next">', html)
    assert older

    assert listed(tab, older[1].replace("&amp;", "&")) == [str(jobs[0].pk)]


def test_a_jobs_page_tells_what_happened_to_it_and_what_it_said(tab, alice):
    job = job_of(alice, state=State.RUNNING)
    Step.objects.create(job=job, name="started", by="worker")
    job.output.create(n=1, attempt=1, at=timezone.now(), level="info", text="<b>reading</b>")

    html = tab.get(f"/jobs/{job.pk}/").content.decode()

    assert "Started" in html
    assert "&lt;b&gt;reading&lt;/b&gt;" in html
    assert f"/api/jobs/{job.pk}/output.txt" in html

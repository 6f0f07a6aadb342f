"""Pages and answers in the language of who asks; what is kept, in the site's own."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import override

from realtime.translations import catalogue
from tasks import excuses
from tasks.work import report_page
from tests.integration.job_rows import job_of
from tests.people import sign_in

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de-AT, en;q=0.5"}


@pytest.fixture
def alice() -> Client:
    return sign_in(User.objects.create_user("alice"))


def words(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="bellwire-page" type="application/json">(.*?)</script>', html)
    assert found
    said: dict[str, Any] = json.loads(found[1])["words"]
    return said


def test_a_page_is_in_the_browsers_language_and_so_are_its_elements(alice):
    html = alice.get("/", headers=GERMAN).content.decode()

    assert '<html lang="de">' in html
    assert "Abmelden" in html
    assert words(html)["Running"] == "Läuft"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("en", ("October 1, 12:03 UTC", "took 1.5 s"), id="English"),
        pytest.param("de", ("1. Oktober, 12:03 UTC", "dauerte 1,5 s"), id="German"),
    ],
)
def test_dates_and_numbers_are_written_as_the_reader_writes_them(alice, language, said):
    began = datetime(2026, 10, 1, 12, 3, tzinfo=UTC)
    times = {"queued_at": began, "started_at": began, "finished_at": began + timedelta(seconds=1.5)}
    job_of(User.objects.get(username="alice"), state="succeeded", **times)

    html = alice.get("/", headers={"Accept-Language": language}).content.decode()

    assert all(words in html for words in said)


def test_a_language_that_nobody_translated_to_is_answered_in_english(alice):
    html = alice.get("/", headers={"Accept-Language": "fi"}).content.decode()

    assert '<html lang="en">' in html
    assert words(html) == {}


def test_a_language_that_is_chosen_counts_before_the_browsers(alice):
    answer = alice.post("/language/", {"language": "de", "next": "/?page=2"})
    html = alice.get("/", headers={"Accept-Language": "en"}).content.decode()

    assert (answer.status_code, answer["Location"]) == (302, "/?page=2")
    assert '<html lang="de">' in html
    assert '<option value="de" lang="de" selected>Deutsch</option>' in html


def test_choosing_a_language_never_leads_to_another_site(alice):
    answer = alice.post("/language/", {"language": "de", "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/"


def test_a_language_can_be_chosen_before_logging_in():
    html = Client().get("/login/?next=/jobs/").content.decode()

    assert '<input type="hidden" name="next" value="/login/?next=/jobs/">' in html


def test_a_language_that_is_written_from_the_right_turns_the_page(alice, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]

    html = alice.get("/", headers={"Accept-Language": "ar"}).content.decode()

    assert '<html lang="ar" dir="rtl">' in html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("de", "Läuft", id="German"),
        pytest.param("de-at", "Läuft", id="Austria's, of which German is known"),
        pytest.param("en", None, id="English, which the elements speak themselves"),
        pytest.param("en-gb", None, id="Britain's"),
        pytest.param("ar", None, id="one that nobody translated to"),
    ],
)
def test_what_the_elements_say(language, said):
    assert catalogue(language).get("Running") == said


def test_the_admins_own_sentences_are_no_elements():
    assert "Available %s" not in catalogue("de")


def test_a_report_is_kept_in_the_sites_language():
    column = {"name": "price", "type": "number", "min": 0.5, "max": 1234.5, "count": 1200}
    unknown = dict.fromkeys(("missing", "distinct", "median", "mean", "stddev"))
    facts = {"rows": 1200, "ragged_rows": 1, "columns": [column | unknown]}

    with override("de"):
        page = report_page.render("sales.csv", facts)

    assert '<html lang="de">' in page
    assert "1.200 Zeilen, 1 Spalte. 1 Zeile anderer Breite wurde" in page
    assert "<dt>größter</dt><dd>1.234,5</dd>" in page


def test_the_api_answers_in_the_language_of_who_asks(alice):
    answers = [
        alice.get("/api/jobs/0199a3c4-0000-7000-8000-000000000000", headers=GERMAN),
        Client().get("/api/me", headers=GERMAN),
    ]

    assert [answer.json()["error"]["message"] for answer in answers] == [
        "Hier ist nichts.",
        "Melden Sie sich an oder senden Sie ein gültiges Token.",
    ]


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        pytest.param("en", "The job took longer than it may (1.5 s).", id="English"),
        pytest.param("de", "Der Auftrag dauerte länger, als er darf (1,5 s).", id="German"),
    ],
)
def test_why_a_job_failed_is_kept_in_the_sites_language(settings, ours, said):
    settings.LANGUAGE_CODE = ours

    with override("de" if ours == "en" else "en"):
        assert excuses.took_too_long(1.5) == said


def test_a_kind_of_job_is_called_by_its_name_in_the_readers_language(alice):
    kinds = alice.get("/api/kinds", headers=GERMAN).json()

    assert {each["kind"]: each["name"] for each in kinds}["images"] == "Bilder"

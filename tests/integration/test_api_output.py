"""What a job says, over HTTP: a page of it, and all of it as a text file."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils.dateparse import parse_datetime

from tasks import transcript
from tasks.models import Job, OutputLine

pytestmark = pytest.mark.django_db
in_threads = pytest.mark.django_db(transaction=True)

AT = parse_datetime("2026-10-01T12:00:00.5Z")
SCRIPT = '"><script>alert(1)</script>\u2066{{ x }}'


def a_job(owner, *texts, level="info"):
    job = Job.objects.create(owner=owner, kind="reports", queue="reports")
    OutputLine.objects.bulk_create(
        OutputLine(job=job, n=n, attempt=1, at=AT, level=level, text=text)
        for n, text in enumerate(texts, 1)
    )
    return job


def output_of(tab, job, query=""):
    return tab.get(f"/api/jobs/{job.pk}/output{query}").json()


def test_a_line_is_given_whole_and_as_text(tab, alice):
    job = a_job(alice, SCRIPT)

    response = tab.get(f"/api/jobs/{job.pk}/output")

    line = {"n": 1, "at": "2026-10-01T12:00:00.500Z", "level": "info", "attempt": 1}
    assert response.json() == {"lines": [{**line, "text": SCRIPT}], "last": 1, "is_cut": False}
    assert response["Content-Type"].startswith("application/json")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        pytest.param("", [1, 2, 3, 4, 5], id="all"),
        pytest.param("?after=3", [4, 5], id="after what is known"),
        pytest.param("?limit=2", [1, 2], id="a page"),
        pytest.param("?after=2&limit=2", [3, 4], id="the page after it"),
        pytest.param("?after=5", [], id="when all is known"),
        pytest.param("?after=2147483647", [], id="far beyond"),
    ],
)
def test_lines_are_given_in_pages(tab, alice, query, numbers):
    told = output_of(tab, a_job(alice, *"abcde"), query)

    assert [line["n"] for line in told["lines"]] == numbers
    assert told["last"] == 5


def test_a_job_that_said_nothing_has_no_lines(tab, alice):
    assert output_of(tab, a_job(alice)) == {"lines": [], "last": 0, "is_cut": False}


def test_where_the_rest_was_cut_is_told(tab, alice):
    told = output_of(tab, a_job(alice, "The rest was cut.", level="cut"))

    assert told["is_cut"]
    assert told["lines"][0]["level"] == "warning"


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=2147483648", "after=x", "after=1.5", "limit=0", "limit=1001", "limit=all"],
)
def test_a_page_that_is_none_is_refused(tab, alice, query):
    response = tab.get(f"/api/jobs/{a_job(alice).pk}/output?{query}")

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"


def test_staff_read_everybodys(staff_tab, alice):
    assert output_of(staff_tab, a_job(alice, "x"))["last"] == 1


async def download(user, job):
    client = AsyncClient()
    await client.aforce_login(user)
    response = await client.get(f"/api/jobs/{job.pk}/output.txt")
    return response, b"".join([chunk async for chunk in response]).decode()


@in_threads
async def test_all_of_it_is_a_text_file_that_can_do_nothing(alice, monkeypatch):
    monkeypatch.setattr(transcript, "PAGE", 2)
    job = await sync_to_async(a_job)(alice, "Read", SCRIPT, "Zażółć")

    response, text = await download(alice, job)

    assert text.splitlines() == [
        "2026-10-01T12:00:00.500Z  1  info     Read",
        f"2026-10-01T12:00:00.500Z  1  info     {SCRIPT}",
        "2026-10-01T12:00:00.500Z  1  info     Zażółć",
    ]
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == (
        f'attachment; filename="reports {str(job.pk)[:8]}.txt"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


@in_threads
async def test_of_a_job_that_said_nothing_it_is_empty(alice):
    _, text = await download(alice, await sync_to_async(a_job)(alice))

    assert text == ""

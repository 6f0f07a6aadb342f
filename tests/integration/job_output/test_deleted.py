"""A job's lines go with it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tasks import retention
from tasks.models import Job, OutputLine

pytestmark = pytest.mark.django_db(transaction=True)


def said(owner, lines, **fields):
    job = Job.objects.create(owner=owner, kind="talk", queue="default", **fields)
    at = timezone.now()
    OutputLine.objects.bulk_create(
        OutputLine(job=job, n=n, attempt=1, at=at, level="info", text=f"line {n}")
        for n in range(1, lines + 1)
    )
    return job


@pytest.mark.parametrize("lines", [1, 1_200])
def test_lines_go_with_their_job_in_one_statement_however_many(alice, lines):
    said(alice, lines, state="succeeded", finished_at=timezone.now() - timezone.timedelta(days=99))
    other = said(alice, 2)

    with CaptureQueriesContext(connection) as queries:
        assert retention.prune_jobs(timezone.now()) == 1

    touching = [query["sql"] for query in queries if "outputline" in query["sql"]]
    assert [sql.split()[0] for sql in touching] == ["SELECT", "DELETE"]
    assert set(OutputLine.objects.values_list("job", flat=True)) == {other.pk}


def test_jobs_that_said_much_go_in_portions(alice, monkeypatch):
    monkeypatch.setattr(retention, "LINES", 5)
    ended = {"state": "succeeded", "finished_at": timezone.now() - timezone.timedelta(days=99)}
    for lines in (9, 0, 2, 3, 1, 0):
        said(alice, lines, **ended)

    with CaptureQueriesContext(connection) as queries:
        assert retention.prune_jobs(timezone.now()) == 6

    deleted = [query for query in queries if query["sql"].startswith('DELETE FROM "tasks_job"')]
    assert len(deleted) == 3
    assert not OutputLine.objects.exists()


def test_who_deletes_an_account_is_not_shown_each_line_that_goes_with_it(alice, office):
    said(alice, 3)

    asked = office.get(f"/admin/auth/user/{alice.pk}/delete/")
    office.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})

    assert "talk" in asked.content.decode()
    assert "line 2" not in asked.content.decode()
    assert not OutputLine.objects.exists()

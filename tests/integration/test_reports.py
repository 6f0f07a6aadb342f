"""Reports on uploaded tables."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.conf import settings as django_settings

from tasks import files
from tasks.errors import UserError
from tasks.job import Run
from tasks.models import File, Job
from tasks.work import samples
from tasks.work.reports import fitted, harmless, report
from tests import seats

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

REAL = Path(os.environ.get("BELLWIRE_REAL_DATA", django_settings.BASE_DIR / "../shared/data"))


class Watched(Run):
    """A run that remembers what was told of it."""

    def progress(self, current, total=None, message=""):
        super().progress(current, total, message)
        self.told = [*getattr(self, "told", []), (current, total, message)]


def run_on(alice, content, name="sales.csv"):
    upload = files.save_upload(alice.pk, name, "text/csv", [content])
    job = Job.objects.create(owner=alice, kind="reports", queue="reports")
    return Watched(job), upload


def content_of(link):
    return files.path_of(File.objects.get(pk=link["id"])).read_bytes()


def test_a_report_tells_what_is_in_the_columns(alice):
    run, upload = run_on(alice, b"product,price\nlamp,10\ndesk,\nlamp,30\n")

    result = report(run, file=upload.pk)

    product, price = result["columns"]
    assert (result["rows"], result["ragged_rows"]) == (3, 0)
    assert (product["type"], product["top"][0]) == ("text", {"value": "lamp", "count": 2})
    assert (price["type"], price["mean"], price["missing"]) == ("number", 20, 1)
    assert result["csv"]["name"] == "sales statistics.csv"
    assert result["page"]["content_type"] == "text/html"
    assert len(msgspec.json.encode(result)) < 4096


def test_progress_is_told_in_bytes_and_rows(alice):
    run, upload = run_on(alice, b"a,b\n" + b"1,2\n" * 1200)

    report(run, file=upload.pk)

    assert run.told[-1] == (upload.size, upload.size, "1,200 rows")
    assert len(run.told) > 1


def said_by(run):
    return [(line.level, line.text) for line in run.output.take()]


def test_what_was_read_is_said_step_by_step(alice):
    run, upload = run_on(alice, b"product,price\nlamp,10\ndesk\n")

    report(run, file=upload.pk)

    assert said_by(run) == [
        ("step", "Read the table"),
        ("info", "sales.csv: 27 bytes"),
        ("info", "2 rows, 2 columns: product (text), price (number)"),
        ("warning", "Rows longer or shorter than the head: 1"),
        ("step", "Write the report"),
    ]


def test_of_many_columns_the_first_are_named(alice):
    heading = ",".join(f"c{n}" for n in range(20))
    run, upload = run_on(alice, f"{heading}\n{','.join(['1'] * 20)}\n".encode())

    report(run, file=upload.pk)

    assert said_by(run)[2][1].endswith("c11 (number) and 8 more")


def test_the_statistics_are_a_table_too(alice):
    run, upload = run_on(alice, "größe;=cmd()\n1,5;x\n2,5;y\n".encode())

    written = content_of(report(run, file=upload.pk)["csv"])

    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["größe", "'=cmd()"]
    assert (rows[0]["mean"], rows[0]["median_is_exact"]) == ("2", "True")


def test_the_page_runs_nothing_and_escapes_everything(alice):
    evil = "<img src=x onerror=alert(1)>"
    table = f"{evil},b\n</title><script>alert(2)</script>,1\n\"'&,2\n".encode()
    run, upload = run_on(alice, table, name="<svg onload=alert(3)>.csv")

    page = content_of(report(run, file=upload.pk)["page"]).decode()

    assert "<img" not in page
    assert "<script" not in page
    assert "<svg onload" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<svg viewBox" in page
    assert "prefers-color-scheme: dark" in page
    assert "http" not in page


def test_a_second_run_leaves_one_set_of_files(alice, django_capture_on_commit_callbacks):
    run, upload = run_on(alice, b"a,b\n1,2\n")

    report(run, file=upload.pk)
    with django_capture_on_commit_callbacks(execute=True):
        result = report(run, file=upload.pk)

    assert {str(file.pk) for file in run.job.files.all()} == {
        result["csv"]["id"],
        result["page"]["id"],
    }
    assert content_of(result["csv"])


def test_what_is_no_table_fails_with_a_sentence(alice):
    run, upload = run_on(alice, b"\x89PNG\r\n\x1a\n\0\0")

    with pytest.raises(UserError, match="save it as UTF-8"):
        report(run, file=upload.pk)

    assert not run.job.files.exists()


def test_a_cancelled_report_stops_at_the_next_batch(alice):
    run, upload = run_on(alice, b"a,b\n" + b"1,2\n" * 1200)
    seats.cancel(run)

    with pytest.raises(Exception, match="Somebody stopped this job"):
        report(run, file=upload.pk)

    assert len(getattr(run, "told", [])) == 0


def test_a_table_of_many_columns_fits_into_a_result(alice):
    heading = ",".join(f"column number {n}" for n in range(600))
    run, upload = run_on(
        alice, f"{heading}\n{','.join(['1'] * 600)}\n{','.join(['x'] * 600)}\n".encode()
    )

    result = report(run, file=upload.pk)

    assert len(msgspec.json.encode(result)) <= 60 * 1024
    assert len(result["columns"]) + result["columns_omitted"] == 600
    assert content_of(result["csv"]).count(b"\n") == 601


def test_charts_are_left_out_before_columns():
    columns = [{"name": str(n), "top": ["x" * 3000]} for n in range(10)]

    result = fitted({"columns": columns}, 20_000)

    assert len(result["columns"]) == 10
    assert "top" in result["columns"][0]
    assert "top" not in result["columns"][-1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_is_given_no_formula(text):
    assert harmless(text) == "'" + text


def test_the_sample_is_a_table_worth_reporting_on(alice):
    arguments = samples.sales(alice.pk, rows=2000)
    job = Job.objects.create(owner=alice, kind="reports", queue="reports")

    result = report(Run(job), file=UUID(arguments["file"]))

    assert result["rows"] == 2000
    assert [c["type"] for c in result["columns"]] == ["date", "text", "text"] + ["number"] * 3


@pytest.mark.skipif(not REAL.is_dir(), reason="there is no folder of real tables")
@pytest.mark.parametrize(
    ("name", "rows", "types"),
    [
        ("airports.csv", 3376, ["text"] * 5 + ["number"] * 2),
        ("sf-temps.csv", 8759, ["number", "date"]),
        ("stocks.csv", 560, ["text", "text", "number"]),
    ],
)
def test_real_tables_are_understood(alice, name, rows, types):
    run, upload = run_on(alice, (REAL / "tables" / name).read_bytes(), name)

    result = report(run, file=upload.pk)

    assert (result["rows"], result["ragged_rows"]) == (rows, 0)
    assert [column["type"] for column in result["columns"]] == types

"""Reports: a table's statistics, column by column, as JSON, as a CSV file and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, BinaryIO
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy, ngettext

from tasks import files
from tasks.filenames import stem_of
from tasks.job import Run, job
from tasks.numerals import number
from tasks.work import report_page
from tasks.work.columns import Column
from tasks.work.tables import Table, reading

#: All columns together remember so many values; each at most _MOST_REMEMBERED.
_REMEMBERED, _MOST_REMEMBERED = 200_000, 10_000
#: Below the 64 KiB that a result may have, links included.
_RESULT_BYTES = 60 * 1024
#: How many columns the output names.
_NAMED = 12
_STATISTICS = ("name", "type", "count", "missing", "distinct", "distinct_is_exact", "min", "max",
               "mean", "stddev", "median", "median_is_exact")  # fmt: skip


# Each attempt begins anew; only a lost worker is worth another.
@job(
    queue="reports",
    kind="reports",
    name=gettext_lazy("Report"),
    notify=True,
    max_attempts=2,
    time_limit=1800,
    soft_time_limit=1740,
)
def report(run: Run, *, file: UUID) -> dict[str, Any]:
    """Read an uploaded table once and tell what is in its columns.

    Result: ``{"rows", "ragged_rows", "columns": […], "csv": link, "page": link}``. A table of
    so many columns that this would be too large has the rest only in its CSV file and page.
    """
    files.remove_results(run.id)
    upload = run.file(file)
    run.step("Read the table")
    run.log(f"{upload.name}: {upload.size:,} bytes")
    with run.open(file) as source:
        facts = read_report(run, source, upload.size)
    _say_what_was_found(run, facts)
    run.step("Write the report")
    stem = stem_of(upload.name)
    with run.create(f"{stem} statistics.csv", "text/csv") as target:
        target.write(statistics_csv(facts["columns"]).encode("utf-8-sig"))
    with run.create(f"{stem} report.html", "text/html") as page:
        page.write(report_page.render(upload.name, facts).encode())
    links = {"csv": files.describe(target.saved), "page": files.describe(page.saved)}
    return fitted({**facts, **links}, _RESULT_BYTES)


def _so_far(rows: int) -> str:
    return ngettext("%(n)s row", "%(n)s rows", rows) % {"n": number(rows)}


def read_report(run: Run, source: BinaryIO, size: int) -> dict[str, Any]:
    """Read a table and summarise its columns, telling how far it is after every batch."""
    with reading(source) as table:
        columns = _columns_for(table)
        for batch in table.batches():
            for column, cells in zip(columns, zip(*batch, strict=True), strict=True):
                column.add(cells)
            run.progress(source.tell(), size, _so_far(table.rows))
    return {
        "rows": table.rows,
        "ragged_rows": table.ragged_rows,
        "columns": [column.summary() for column in columns],
    }


def statistics_csv(columns: list[dict[str, Any]]) -> str:
    """Write the statistics as a table, one row per column."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_STATISTICS)
    for column in columns:
        writer.writerow([harmless(column.get(key)) for key in _STATISTICS])
    return text.getvalue()


def harmless(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula (OWASP, "CSV injection")."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def fitted(result: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Leave out charts, then columns, from the last, until the result has ``most`` bytes."""
    columns = [dict(column) for column in result["columns"]]
    left = most - len(msgspec.json.encode({**result, "columns": []}))
    kept: list[dict[str, Any]] = []
    for column in columns:
        bare = {k: v for k, v in column.items() if k not in ("histogram", "top")}
        chosen = column if _bytes_of(column) <= left - 500 * (len(columns) - len(kept)) else bare
        left -= _bytes_of(chosen)
        if left < 0:
            break
        kept.append(chosen)
    omitted = len(columns) - len(kept)
    return {**result, "columns": kept} | ({"columns_omitted": omitted} if omitted else {})


def _say_what_was_found(run: Run, facts: Mapping[str, Any]) -> None:
    columns = facts["columns"]
    named = ", ".join(f"{column['name']} ({column['type']})" for column in columns[:_NAMED])
    more = f" and {len(columns) - _NAMED:,} more" if len(columns) > _NAMED else ""
    run.log(f"{facts['rows']:,} rows, {len(columns):,} columns: {named}{more}")
    if facts["ragged_rows"]:
        run.log(f"Rows longer or shorter than the head: {facts['ragged_rows']:,}", "warning")


def _bytes_of(column: dict[str, Any]) -> int:
    return len(msgspec.json.encode(column)) + 1


def _columns_for(table: Table) -> list[Column]:
    remember = min(_MOST_REMEMBERED, _REMEMBERED // len(table.names))
    comma = table.delimiter == ";"  # where a semicolon divides, the comma is decimal
    return [
        Column(name, remember=remember, seed=place, decimal_comma=comma)
        for place, name in enumerate(table.names)
    ]

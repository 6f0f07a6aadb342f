"""A report as a page of its own: no script, nothing fetched, everything escaped."""

from __future__ import annotations

import math
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_lazy, ngettext

from tasks.numerals import number
from tasks.work import charts

_LABELS = {
    "count": gettext_lazy("values"),
    "missing": gettext_lazy("missing"),
    "distinct": gettext_lazy("different"),
    "min": gettext_lazy("least"),
    "median": gettext_lazy("median"),
    "mean": gettext_lazy("mean"),
    "max": gettext_lazy("most"),
    "stddev": gettext_lazy("std. deviation"),
}


def render(name: str, report: dict[str, Any]) -> str:
    """Write the page of a report on the table ``name``."""
    columns = [_column(column) for column in report["columns"]]
    facts = {
        "name": name,
        "columns": columns,
        "extent": _extent(report["rows"], len(columns)),
        "ragged": _ragged(report["ragged_rows"]),
        "width": str(charts.WIDTH),
        "height": str(charts.HEIGHT),
    }
    return render_to_string("tasks/report.html", facts)


def _extent(rows: int, columns: int) -> str:
    return gettext("%(rows)s, %(columns)s.") % {
        "rows": ngettext("%(n)s row", "%(n)s rows", rows) % {"n": number(rows)},
        "columns": ngettext("%(n)s column", "%(n)s columns", columns) % {"n": number(columns)},
    }


def _ragged(rows: int) -> str:
    if not rows:
        return ""
    return ngettext(
        "%(n)s row of another width was filled up or cut.",
        "%(n)s rows of another width were filled up or cut.",
        rows,
    ) % {"n": number(rows)}


def _bar(bin_: dict[str, Any]) -> str:
    said = {"least": _said(bin_["from"]), "most": _said(bin_["to"]), "n": number(bin_["count"])}
    return gettext("%(least)s to %(most)s: %(n)s") % said


def _column(column: dict[str, Any]) -> dict[str, Any]:
    bins = [(_bar(each), each["count"]) for each in column.get("histogram", [])]
    top = [(t["value"], t["count"]) for t in column.get("top", [])]
    return {
        "name": column["name"],
        "type": column["type"],
        "facts": _facts(column),
        "upright": charts.upright_bars(bins),
        "edges": (_said(column["min"]), _said(column["max"])),
        "lying": charts.lying_bars(top),
        "lying_height": str(charts.ROW_HEIGHT * len(top)),
    }


def _facts(column: dict[str, Any]) -> list[tuple[str, str]]:
    """List label and value of what is known, with ≈ before what is estimated."""
    return [
        (str(label), ("" if column.get(f"{key}_is_exact", True) else "≈ ") + _said(column[key]))
        for key, label in _LABELS.items()
        if column[key] is not None
    ]


def _said(value: Any) -> str:
    if isinstance(value, int):
        return number(value)
    if not isinstance(value, float):
        return str(value)
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return f"{value:.6g}"
    decimals = max(0, 5 - int(math.log10(abs(value) + 1)))
    text = f"{value:.{decimals}f}"
    return number(text.rstrip("0").rstrip(".") if decimals else text)

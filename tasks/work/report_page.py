"""A report as a page of its own: no script, nothing fetched, everything escaped."""

from __future__ import annotations

import math
from typing import Any

from django.template.loader import render_to_string

from tasks.work import charts

_LABELS = {
    "count": "values",
    "missing": "missing",
    "distinct": "different",
    "min": "least",
    "median": "median",
    "mean": "mean",
    "max": "most",
    "stddev": "std. deviation",
}


def render(name: str, report: dict[str, Any]) -> str:
    """Write the page of a report on the table ``name``."""
    columns = [_column(column) for column in report["columns"]]
    facts = {
        "name": name,
        "columns": columns,
        "rows": f"{report['rows']:,}",
        "ragged_rows": f"{report['ragged_rows']:,}" if report["ragged_rows"] else "",
        "width": str(charts.WIDTH),
        "height": str(charts.HEIGHT),
    }
    return render_to_string("tasks/report.html", facts)


def _column(column: dict[str, Any]) -> dict[str, Any]:
    bins = [(f"{_said(b['from'])} to {_said(b['to'])}: {b['count']:,}", b["count"])
            for b in column.get("histogram", [])]  # fmt: skip
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
        (label, ("" if column.get(f"{key}_is_exact", True) else "≈ ") + _said(column[key]))
        for key, label in _LABELS.items()
        if column[key] is not None
    ]


def _said(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return f"{value:.6g}"
    decimals = max(0, 5 - int(math.log10(abs(value) + 1)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text

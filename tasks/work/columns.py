"""The statistics of one column of a table, gathered batch by batch in bounded memory. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tasks.work import numbers
from tasks.work.sketches import Sample, Tally

MISSING = frozenset({"", "-", "?", "na", "NA", "n/a", "N/A", "nan", "NaN", "NULL", "null", "None"})
TOP_VALUES, LONGEST_VALUE = 10, 80

#: A column is of numbers if this share of its values is.
_SHARE_OF_NUMBERS = 0.95
_DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)")
#: Of so many cells at a batch's start less than half differ: then each is read but once.
_PROBE = 200


class Column:
    """One column: how many values, how many missing, and what they are like."""

    def __init__(self, name: str, *, remember: int, seed: int, decimal_comma: bool) -> None:
        self.name = name
        self.count = self.missing = 0
        self._is_numeric = True
        self._tally = Tally(max(50, remember))
        self._moments = numbers.Moments()
        self._sample = Sample(max(500, remember), seed)
        self._earliest = self._latest = ""
        self._decimal_comma = decimal_comma

    def add(self, cells: Sequence[str]) -> None:
        """Take in the column's cells of some more rows."""
        if self._is_numeric:
            self._sample.add(cells)
        if len(set(cells[:_PROBE])) * 2 < len(cells[:_PROBE]):
            self._add_counted(Counter(cells))
        elif self._is_numeric and (found := numbers.read_all(cells)) is not None:
            self.count += len(found)
            self._moments.add(found)
            self._tally.add(cells, only_distinct=True)
        else:
            self._add_counted(Counter(cells))

    @property
    def type(self) -> str:
        """``number``, ``date`` (year first), ``text`` or ``empty``."""
        if not self.count:
            return "empty"
        if self._is_numeric:
            return "number"
        is_date = _DATE.match(self._earliest) and _DATE.match(self._latest)
        return "date" if is_date else "text"

    def summary(self) -> dict[str, Any]:
        """Give the statistics as JSON. What is not exact is marked by ``…_is_exact`` false."""
        facts: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "count": self.count,
            "missing": self.missing,
            "distinct": min(self._tally.distinct, self.count),
            "distinct_is_exact": self._tally.is_exact,
            **dict.fromkeys(("min", "max", "mean", "stddev", "median")),
        }
        if facts["type"] == "number":
            others = {"others": self.count - self._moments.count}
            return facts | others | self._numbers_summary()
        if facts["type"] == "date":
            facts |= {"min": self._earliest, "max": self._latest}
        top = [{"value": value, "count": n} for value, n in self._tally.top(TOP_VALUES)]
        return facts | {"top": top}

    def _add_counted(self, cells: Counter[str]) -> None:
        values: Counter[str] = Counter()
        for cell, times in cells.items():
            value = cell.strip()[:LONGEST_VALUE]
            if value in MISSING:
                self.missing += times
            else:
                values[value] += times
        self.count += values.total()
        if self._is_numeric:
            self._add_numbers(values)
        else:
            self._widen(values)
        self._tally.add(values, only_distinct=self._is_numeric)

    def _add_numbers(self, values: Counter[str]) -> None:
        found: Counter[float] = Counter()
        for value, times in values.items():
            number = numbers.read(value, decimal_comma=self._decimal_comma)
            if number is not None:
                found[number] += times
        self._moments.add_counted(found)
        if self._moments.count < _SHARE_OF_NUMBERS * self.count:
            self._is_numeric = False
            self._sample.values.clear()
            self._widen(values)

    def _widen(self, values: Counter[str]) -> None:
        if not values or (self._latest and not _DATE.match(self._latest)):
            return
        self._earliest = min(self._earliest or min(values), min(values))
        self._latest = max(self._latest, max(values))

    def _numbers_summary(self) -> dict[str, Any]:
        texts = map(str.strip, self._sample.values)
        read = (numbers.read(text, decimal_comma=self._decimal_comma) for text in texts)
        sample = [number for number in read if number is not None]
        return numbers.summary(self._moments, sample, is_whole=self._sample.is_whole)

"""The statistics of a column."""

from __future__ import annotations

import pytest

from tasks.work.columns import Column


def summary_of(*batches, decimal_comma=False, remember=1000):
    column = Column("a", remember=remember, seed=1, decimal_comma=decimal_comma)
    for batch in batches:
        column.add(batch)
    return column.summary()


def test_numbers_are_summarised():
    facts = summary_of(["1", "2", "", "3"], ["4", "NA"])

    assert facts["type"] == "number"
    assert (facts["count"], facts["missing"], facts["distinct"]) == (4, 2, 4)
    assert (facts["min"], facts["max"], facts["mean"], facts["median"]) == (1, 4, 2.5, 2.5)
    assert facts["stddev"] == pytest.approx(1.2909944487)
    assert facts["distinct_is_exact"]
    assert facts["median_is_exact"]
    assert sum(b["count"] for b in facts["histogram"]) == 4


def test_numbers_that_repeat_are_summarised_alike():
    varied = [str(n) for n in range(1000)]

    assert summary_of(varied * 3, remember=5000) == summary_of(
        varied, varied, varied, remember=5000
    )
    assert summary_of(["1", "1", "1", "4"] * 100)["stddev"] == pytest.approx(1.3006650)


def test_more_numbers_than_are_remembered_give_an_estimate_that_says_so():
    facts = summary_of(*([str(n) for n in range(s, s + 500)] for s in range(0, 50_000, 500)))

    assert facts["median"] == pytest.approx(25_000, rel=0.1)
    assert facts["distinct"] == pytest.approx(50_000, rel=0.1)
    assert not facts["median_is_exact"]
    assert not facts["distinct_is_exact"]
    assert (facts["count"], facts["min"], facts["max"], facts["mean"]) == (
        50_000,
        0,
        49_999,
        24_999.5,
    )


def test_few_values_that_are_no_numbers_do_not_make_a_text():
    facts = summary_of([str(n) for n in range(99)] + ["about 7"])

    assert (facts["type"], facts["others"], facts["count"]) == ("number", 1, 100)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        pytest.param(["red", "green", "red"], "text", id="words"),
        pytest.param(["1", "2", "three"], "text", id="a third are words"),
        pytest.param(["", "NA", " "], "empty", id="nothing"),
        pytest.param(["2026-01-02", "2025-12-31"], "date", id="dates"),
        pytest.param(["2010/01/01 00:00", "2010/01/02 00:00"], "date", id="times"),
        pytest.param(["2026-01-02", "soon"], "text", id="a date and a word"),
        pytest.param(["1_000", "2_000"], "text", id="underscores"),
        pytest.param([" 1 ", "2"], "number", id="blanks around"),
        pytest.param(["1e400", "inf"], "text", id="no finite number"),
    ],
)
def test_the_type_is_told_by_the_values(cells, kind):
    assert summary_of(cells)["type"] == kind


def test_texts_are_told_by_their_frequency():
    facts = summary_of(["red", "green "], ["red", "", "blue", "green", "red"])

    assert facts["top"] == [
        {"value": "red", "count": 3},
        {"value": "green", "count": 2},
        {"value": "blue", "count": 1},
    ]
    assert (facts["count"], facts["missing"]) == (6, 1)


def test_dates_have_a_first_and_a_last():
    facts = summary_of(["2026-03-01", "2025-12-31"], ["2026-01-01"])

    assert (facts["min"], facts["max"]) == ("2025-12-31", "2026-03-01")


def test_a_decimal_comma_is_understood_where_it_is_one():
    facts = summary_of(["1,5", "2,5"], decimal_comma=True)

    assert (facts["type"], facts["mean"], facts["median"]) == ("number", 2, 2)


def test_long_texts_are_kept_short():
    facts = summary_of(["x" * 100_000, "y"])

    assert facts["top"][0]["value"] == "x" * 80

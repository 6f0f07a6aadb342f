"""Where the marks of a chart go."""

from __future__ import annotations

from tasks.work.charts import lying_bars, upright_bars


def test_bars_stand_side_by_side_as_high_as_their_share():
    low, none, high = upright_bars([("a", 5), ("b", 0), ("c", 10)])

    assert (low.x, low.y, low.height) == ("0.0", "48.0", "48.0")
    assert (none.height, high.height, high.y) == ("0.0", "96.0", "0.0")
    assert high.title == "c"


def test_what_is_little_still_shows():
    little, _ = upright_bars([("a", 1), ("b", 1_000_000)])

    assert little.height == "1.5"


def test_bars_lie_one_below_the_other_with_their_labels():
    first, second = lying_bars([("a very long name of a product", 1200), ("b", 600)])

    assert (first.label, first.value) == ("a very long name of…", "1,200")
    assert first.title == "a very long name of a product: 1,200"
    assert (float(first.width), float(second.width)) == (125, 62.5)
    assert float(second.y) - float(first.y) == 20


def test_no_bars_are_no_trouble():
    assert upright_bars([]) == lying_bars([]) == []

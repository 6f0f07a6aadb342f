"""Text for a terminal: harmless and in columns."""

from __future__ import annotations

import pytest

from tasks.terminal import clip, columns_of, harmless, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2J", r"\x1b[2J", id="an escape"),
        pytest.param("a\nb\rc\td", r"a\nb\rc\td", id="what moves the cursor"),
        pytest.param("\x9b31m", r"\x9b31m", id="a C1 control"),
        pytest.param("\x7f", r"\x7f", id="delete"),
        pytest.param("\u202egpj.exe", r"\u202egpj.exe", id="right to left"),
        pytest.param("a\u200bb", r"a\u200bb", id="what has no width"),
        pytest.param("\u2028", r"\u2028", id="a line separator"),
        pytest.param("\ud800", r"\ud800", id="half a character"),
        pytest.param("\U000e0041", r"\U000e0041", id="a tag"),
        pytest.param("Grüße 日本 👍", "Grüße 日本 👍", id="letters stay"),
    ],
)
def test_nothing_acts_on_the_terminal(text, shown):
    assert harmless(text) == shown


def test_columns_are_as_wide_as_what_is_in_them():
    assert table([["ID", "KIND"], ["1", "日本"], ["22", "x\n"], ["", ""]]) == [
        "ID  KIND",
        "1   日本",
        "22  x\\n",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "columns", "clipped"),
    [
        pytest.param("abcdef", 6, "abcdef", id="it fits"),
        pytest.param("abcdefg", 6, "abcde…", id="it does not"),
        pytest.param("日本日本", 6, "日本…", id="wide characters"),
        pytest.param("e\u0301" * 4, 4, "e\u0301" * 4, id="accents of their own"),
    ],
)
def test_a_long_line_is_cut(text, columns, clipped):
    assert clip(text, columns) == clipped
    assert columns_of(clipped) <= columns


def test_no_line_of_a_table_wraps():
    assert max(map(columns_of, table([["a" * 50, "日" * 50]], 60))) <= 60

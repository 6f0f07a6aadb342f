"""What a file may be called."""

from __future__ import annotations

import pytest

from tasks.filenames import clean_name, clean_type, stem_of


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("sales.csv", "sales.csv", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("C:\\Users\\alice\\sales.csv", "sales.csv", id="a Windows path"),
        pytest.param("a\x00.p\nng", "a.png", id="control characters"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="turned direction"),
        pytest.param("half \ud800 pair", "half  pair", id="half a surrogate"),
        pytest.param("line\u2028end", "lineend", id="line separator"),
        pytest.param("..", "file", id="nothing left"),
        pytest.param("", "file", id="empty"),
        pytest.param("e\u0301te\u0301.csv", "été.csv", id="decomposed letters"),
        pytest.param("報告.csv", "報告.csv", id="not Latin"),
    ],
)
def test_a_name_is_made_fit_to_show(given, shown):
    assert clean_name(given) == shown


def test_a_long_name_is_cut_and_keeps_its_ending():
    name = clean_name("x" * 300 + ".csv")

    assert len(name) == 255
    assert name.endswith("x.csv")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("text/csv; charset=utf-8", "text/csv", id="parameters"),
        pytest.param("Image/PNG", "image/png", id="capitals"),
        pytest.param("text/html\r\nX-Evil: 1", "application/octet-stream", id="a header"),
        pytest.param("nonsense", "application/octet-stream", id="no type"),
        pytest.param("a/" + "b" * 200, "application/octet-stream", id="too long"),
    ],
)
def test_a_type_is_kept_where_it_is_well_formed(given, kept):
    assert clean_type(given) == kept


def test_a_stem_has_room_for_an_ending():
    assert stem_of("holiday.in.june.jpg") == "holiday.in.june"
    assert stem_of("x" * 300 + ".jpg", 30) == "x" * 30

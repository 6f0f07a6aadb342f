"""Reading tables of every origin."""

from __future__ import annotations

import io
import os

import pytest

from tasks.errors import UserError
from tasks.work.tables import Table, encoding_of


def rows_of(table):
    return [row for batch in table.batches() for row in batch]


def table_of(content):
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return Table(io.TextIOWrapper(file, encoding_of(file), newline=""))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("naïve,b\né,1\n".encode(), id="UTF-8"),
        pytest.param("naïve,b\né,1\n".encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param("naïve,b\né,1\n".encode("utf-16"), id="UTF-16"),
        pytest.param("naïve,b\né,1\n".encode("utf-16-be").join([b"\xfe\xff", b""]), id="UTF-16 BE"),
        pytest.param("naïve,b\né,1\n".encode("cp1252"), id="Windows-1252"),
        pytest.param("naïve;b\né;1\n".encode(), id="semicolons"),
        pytest.param("naïve\tb\né\t1\n".encode(), id="tabs"),
        pytest.param("naïve|b\né|1\n".encode(), id="bars"),
        pytest.param("naïve,b\r\né,1\r\n".encode(), id="Windows lines"),
        pytest.param("naïve,b\ré,1\r".encode(), id="old Macintosh lines"),
        pytest.param("\n\nnaïve,b\n\né,1".encode(), id="blank lines and no last one"),
        pytest.param('"naïve","b"\n"é","1"\n'.encode(), id="quotes"),
    ],
)
def test_a_table_is_read_whatever_wrote_it(content):
    table = table_of(content)

    assert table.names == ["naïve", "b"]
    assert rows_of(table) == [["é", "1"]]


def test_cells_may_hold_lines_and_delimiters():
    table = table_of('a,b\n"one\ntwo","x, y"\n')

    assert rows_of(table) == [["one\ntwo", "x, y"]]


def test_a_table_of_one_column_has_no_delimiter():
    table = table_of("name\nalice\nbob\n")

    assert (table.names, rows_of(table)) == (["name"], [["alice"], ["bob"]])


def test_semicolons_divide_where_commas_are_decimal():
    table = table_of("a;b\n1,5;2,5\n3,5;4,5\n")

    assert rows_of(table) == [["1,5", "2,5"], ["3,5", "4,5"]]


def test_a_table_of_numbers_alone_has_no_heading():
    table = table_of("1,2\n3,4\n")

    assert table.names == ["column 1", "column 2"]
    assert rows_of(table) == [["1", "2"], ["3", "4"]]
    assert table.rows == 2


def test_columns_have_names_of_their_own():
    assert table_of("a,,a,b\x1b[0m\nx,x,x,x\n").names == ["a", "column 2", "a (3)", "b[0m"]


def test_ragged_rows_are_filled_up_or_cut_and_counted():
    table = table_of("a,b\n1,2\n3\n4,5,6\n7,8\n9,10\n")

    assert rows_of(table) == [["1", "2"], ["3", ""], ["4", "5"], ["7", "8"], ["9", "10"]]
    assert (table.rows, table.ragged_rows) == (5, 2)


def test_many_rows_come_in_batches():
    table = table_of("a,b\n" + "1,x\n" * 3000)

    sizes = [len(batch) for batch in table.batches()]

    assert sum(sizes) == table.rows == 3000
    assert max(sizes) <= 1000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\n \n\n", "empty", id="blank lines"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="a mark alone"),
        pytest.param(b"a,b\n", "no rows", id="a heading alone"),
        pytest.param(
            b"a,b,c\n1\n2\n3\n", "Line 2 has 1 cells where the heading has 3", id="ragged"
        ),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0", "UTF-8", id="a photo"),
        pytest.param(os.urandom(5000) + b"\0", "UTF-8", id="noise"),
        pytest.param("a,b\nжизнь,дядя\n".encode("koi8-r"), "UTF-8", id="another 8-bit encoding"),
        pytest.param("a,b\nこんにちは,1\n".encode("shift-jis"), "UTF-8", id="Shift JIS"),
        pytest.param("a,b\n1,2\n".encode("utf-16-le"), "UTF-8", id="UTF-16 without a mark"),
        pytest.param(b"\xff\xfea\x00,\x00\xd8", "UTF-8", id="broken UTF-16"),
        pytest.param(b'a,b\n1,"2' + b"x" * 200_000, "Line 2", id="a quote that never ends"),
        pytest.param(b"x" * 2_100_000, "longer than a megabyte", id="an endless line"),
        pytest.param(b",".join([b"a"] * 1001) + b"\n1", "1,001 columns", id="too many columns"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(UserError, match=sentence):
        rows_of(table_of(content))


def test_rows_that_stop_fitting_are_refused_before_the_end():
    table = table_of("a,b\n" + "1,2\n" * 10 + "1,2,3\n" * 3000 + "1,2\n" * 9000)

    with pytest.raises(UserError, match="Line 12 has 3 cells where the heading has 2"):
        rows_of(table)

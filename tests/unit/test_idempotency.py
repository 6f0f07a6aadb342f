"""How an Idempotency-Key is read."""

from __future__ import annotations

import pytest

from tasks import idempotency


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param('"8e03978e-40d5"', "8e03978e-40d5", id="a string, as the draft has it"),
        pytest.param("8e03978e-40d5", "8e03978e-40d5", id="bare, as most send it"),
        pytest.param(' "a"\t', "a", id="blanks around it"),
        pytest.param('"two words, and a comma"', "two words, and a comma", id="blanks inside"),
        pytest.param(r'"a\"b\\c"', r'a"b\c', id="escaped"),
        pytest.param("x" * 200, "x" * 200, id="the longest"),
        pytest.param('"' + r"\\" * 200 + '"', "\\" * 200, id="the longest, all escaped"),
    ],
)
def test_a_key_is_read(header, key):
    assert idempotency.read(header) == key


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="empty"),
        pytest.param("  ", id="blank"),
        pytest.param('""', id="nothing in quotes"),
        pytest.param('"a', id="an open quote"),
        pytest.param('a"', id="a stray quote"),
        pytest.param(r'"a\"', id="an escaped end"),
        pytest.param(r'"a\b"', id="an escape that is none"),
        pytest.param("a, b", id="two headers"),
        pytest.param('"a";v=1', id="with parameters"),
        pytest.param("a b", id="a blank inside"),
        pytest.param("é", id="not ASCII"),
        pytest.param('"é"', id="not ASCII, in quotes"),
        pytest.param("a\x00", id="NUL"),
        pytest.param('"a\x7f"', id="a control character"),
        pytest.param("x" * 201, id="too long"),
    ],
)
def test_anything_else_is_refused(header):
    with pytest.raises(ValueError, match="Idempotency-Key"):
        idempotency.read(header)

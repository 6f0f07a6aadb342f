"""Which JSON gets in."""

from __future__ import annotations

import pytest

from tasks.strictjson import InvalidJson, parse

NESTED = 100_000


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"{", "not JSON", id="cut off"),
        pytest.param(b'{"a": 1} {}', "not JSON", id="two texts"),
        pytest.param(b'"\xff"', "not UTF-8", id="bytes"),
        pytest.param(b'"\\ud800"', "UTF-8", id="half a surrogate"),
        pytest.param(b'{"\\udfff": 1}', "UTF-8", id="half a surrogate as a name"),
        pytest.param(b'["\\u0000"]', "NUL", id="NUL"),
        pytest.param(str(2**63).encode(), r"beyond 2\^53", id="2**63"),
        pytest.param(str(-(2**64)).encode(), r"beyond 2\^53", id="-2**64"),
        pytest.param(b"1" * 5000, r"beyond 2\^53", id="5,000 digits"),
        pytest.param(b"NaN", "not JSON", id="NaN"),
        pytest.param(b'{"a": -Infinity}', "not JSON", id="infinity"),
        pytest.param(b"1e999", "not a finite number", id="a number too large"),
        pytest.param(b"[" * NESTED, "nested", id="bottomless"),
        pytest.param(b"[" * NESTED + b"]" * NESTED, "nested", id="deep lists"),
        pytest.param(b'{"a":' * NESTED + b"1" + b"}" * NESTED, "nested", id="deep objects"),
        pytest.param(b"[" * 20 + b"]" * 20, "nested", id="deeper than needed"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="a name twice"),
        pytest.param(b'[{"a": {"b": 1, "b": 1}}]', "twice", id="a name twice, deep"),
    ],
)
def test_what_is_no_plain_json_is_refused_with_a_sentence(body, sentence):
    with pytest.raises(InvalidJson, match=sentence):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"kind": "reports", "arguments": {"file": "x"}}', id="a job"),
        pytest.param(b"9007199254740992", id="2**53"),
        pytest.param('"é 👋"'.encode(), id="beyond ASCII"),
        pytest.param(b'"\\ud83d\\ude00"', id="a whole surrogate pair"),
        pytest.param(b"[null, true, 1.5e3]", id="every kind of value"),
    ],
)
def test_plain_json_gets_in(body):
    parse(body)

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tasks.arguments import MAX_BYTES, Schema
from tasks.errors import InvalidArguments
from tasks.strictjson import MAX_INTEGER

ID = uuid.UUID("01a1fb6c-55de-7017-95be-9cf5c7b167eb")


def take(job, *, file: UUID, rows: int = 10, options: Any = None):
    pass


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.fixture
def schema():
    return Schema(take)


@pytest.mark.parametrize("file", [ID, str(ID)], ids=["a UUID", "its text"])
def test_arguments_are_stored_as_json_and_come_back_as_they_were_meant(schema, file):
    stored = schema.store({"file": file})

    assert stored == {"file": str(ID), "rows": 10, "options": None}
    assert schema.load(stored) == {"file": ID, "rows": 10, "options": None}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param({}, "The argument “file” is missing.", id="missing"),
        pytest.param(
            {"file": ID, "colour": 1}, "The job takes no argument “'colour'”.", id="unknown"
        ),
        pytest.param(
            {"file": ID, "\ud800": 1}, "The job takes no argument “'\\ud800'”.", id="no name"
        ),
        pytest.param(
            {"file": 7}, "The argument “file” must be a UUID, not a whole number.", id="wrong type"
        ),
        pytest.param({"file": "7"}, "The argument “file” must be a UUID.", id="no UUID"),
        pytest.param(
            {"file": ID, "rows": "5"},
            "The argument “rows” must be a whole number, not text.",
            id="text for a number",
        ),
        pytest.param(
            {"file": ID, "rows": True},
            "The argument “rows” must be a whole number, not true or false.",
            id="truth for a number",
        ),
        pytest.param(
            {"file": ID, "rows": 2**63},
            "The argument “rows” is a number beyond 2^53.",
            id="64 bits",
        ),
        pytest.param(
            {"file": ID, "rows": 10**5000},
            "The argument “rows” is a number beyond 2^53.",
            id="5,000 digits",
        ),
        pytest.param(
            {"file": ID, "options": "\ud800"},
            "The argument “options” contains text that is not UTF-8.",
            id="lone surrogate",
        ),
        pytest.param(
            {"file": ID, "options": {"\ud800": 1}},
            "The argument “options” contains text that is not UTF-8.",
            id="lone surrogate in a key",
        ),
        pytest.param(
            {"file": ID, "options": ["a\0b"]},
            "The argument “options” contains a NUL character.",
            id="NUL",
        ),
        pytest.param(
            {"file": ID, "options": float("nan")},
            "The argument “options” is not a finite number.",
            id="NaN",
        ),
        pytest.param(
            {"file": ID, "options": {1: 2}},
            "The argument “options” has a key that is not text.",
            id="a number as key",
        ),
        pytest.param(
            {"file": ID, "options": nested(8)},
            "The argument “options” is nested too deep.",
            id="nine levels",
        ),
        pytest.param(
            {"file": ID, "options": nested(100_000)},
            "The argument “options” is nested too deep.",
            id="100,000 levels",
        ),
        pytest.param(
            {"file": ID, "options": "x" * MAX_BYTES},
            "The arguments are over 64 KiB of JSON.",
            id="too long",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_a_sentence(schema, arguments, sentence):
    with pytest.raises(InvalidArguments) as caught:
        schema.store(arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "options",
    [nested(7), MAX_INTEGER, -MAX_INTEGER, {"é": [None, 1.5]}],
    ids=["eight levels", "2^53", "-2^53", "mixed"],
)
def test_what_is_just_within_the_limits_is_taken(schema, options):
    stored = schema.store({"file": ID, "options": options})

    assert msgspec.json.decode(msgspec.json.encode(stored))["options"] == options


def test_a_signature_that_takes_no_names_is_refused_at_import():
    def positional(job, file: UUID):
        pass

    with pytest.raises(TypeError, match="“file” must follow a bare \\*"):
        Schema(positional)


def test_a_parameter_without_annotation_is_refused_at_import():
    def bare(job, *, file):
        pass

    with pytest.raises(TypeError, match="“file” needs an annotation"):
        Schema(bare)


def test_a_parameter_that_enqueue_has_itself_is_refused_at_import():
    def owned(job, *, owner: int):
        pass

    with pytest.raises(TypeError, match="“owner” is called as"):
        Schema(owned)


def test_what_is_stored_is_what_the_row_gives_back_and_the_same_every_time():
    def place(job, *, at: tuple[int, int], names: set[str]): ...

    schema = Schema(place)
    names = [str(n) for n in range(50)]

    stored = schema.store({"at": (1, 2), "names": set(names)})

    assert stored == msgspec.json.decode(msgspec.json.encode(stored))
    assert stored["at"] == [1, 2]
    assert stored == schema.store({"names": {*names[25:], *names[:25]}, "at": (1, 2)})
    assert stored["names"] == sorted(names)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        pytest.param({}, "file", id="missing"),
        pytest.param({"file": 7}, "file", id="of a wrong type"),
        pytest.param({"file": ID, "options": "\0"}, "options", id="no plain JSON"),
        pytest.param({"file": ID, "colour": 1}, "", id="unknown"),
    ],
)
def test_a_refusal_names_the_argument_that_is_wrong(schema, arguments, argument):
    with pytest.raises(InvalidArguments) as caught:
        schema.store(arguments)
    assert caught.value.argument == argument

"""Arguments as a form: what has a field, and what is read from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from msgspec import Meta

from project import fields
from tasks.arguments import Schema

FILE = "0f8fad5b-d9cb-469f-a165-70867728950e"


def schema_of(annotation: Any, **defaults: Any) -> dict[str, Any]:
    """The schema of a job with one argument, ``it``."""

    def function(job: object, *, it: Any) -> None: ...

    function.__annotations__["it"] = annotation
    function.__kwdefaults__ = defaults
    return Schema(function).describe()


@pytest.mark.parametrize(
    ("annotation", "way", "value", "text"),
    [
        pytest.param(Annotated[str, Meta(max_length=200)], "line", "a", "a", id="a short text"),
        pytest.param(
            Annotated[str, Meta(max_length=9)],
            "text",
            "a\nb",
            "a\nb",
            id="a short one of two lines",
        ),
        pytest.param(str, "text", "a\nb", "a\nb", id="a text of any length"),
        pytest.param(UUID, "line", FILE, FILE, id="an id"),
        pytest.param(int, "number", 3, "3", id="a whole number"),
        pytest.param(float, "number", 1.5, "1.5", id="a number"),
        pytest.param(bool, "switch", True, "on", id="on"),
        pytest.param(Literal["x", "y"], "choice", "y", "y", id="a choice of words"),
        pytest.param(Literal[1, 2], "choice", 2, "2", id="a choice of numbers"),
        pytest.param(list[str], "lines", ["a", "b"], "a\nb", id="a list of texts"),
    ],
)
def test_a_plain_argument_has_a_field_from_which_the_same_is_read(annotation, way, value, text):
    schema = schema_of(annotation)

    filled = fields.fill(schema, {"it": value})
    assert filled == {"it": text}
    assert fields.read(schema, filled) == {"it": value}
    [field] = fields.show(schema, filled)
    assert (field.way, field.value) == (way, text)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        pytest.param(dict[str, int], {"a": 1}, id="an object"),
        pytest.param(list[list[str]], [["a"]], id="a list of lists"),
        pytest.param(list[int], [1], id="a list of numbers"),
        pytest.param(str | None, None, id="what may be null"),
        pytest.param(Any, 1, id="anything"),
        pytest.param(list[str], ["a\nb"], id="a text of a list with two lines"),
        pytest.param(list[str], [" a"], id="a text of a list that begins with a space"),
        pytest.param(str, "a\r\nb", id="an end of line that a browser would change"),
        pytest.param(int, "3", id="what an earlier release took"),
        pytest.param(bool, 1, id="a number for a switch"),
    ],
)
def test_what_a_form_would_change_has_none(annotation, value):
    assert fields.fill(schema_of(annotation), {"it": value}) is None


def test_an_argument_that_the_job_no_longer_takes_has_no_field():
    assert fields.fill(schema_of(int), {"it": 3, "of_old": 1}) is None


def test_what_an_earlier_job_was_not_given_is_filled_in_with_its_default():
    assert fields.fill(schema_of(int, it=7), {}) == {"it": "7"}


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        pytest.param(str, "a\r\nb", "a\nb", id="lines as a browser ends them"),
        pytest.param(list[str], " a \r\n\r\nb", ["a", "b"], id="a list with an empty line"),
        pytest.param(int, "three", "three", id="what is no number, for the schema to refuse"),
        pytest.param(float, "2", 2, id="a whole number for any"),
        pytest.param(Literal["x"], "z", "z", id="no choice, for the schema to refuse"),
        pytest.param(bool, "", False, id="off"),
    ],
)
def test_a_field_is_read_as_it_was_filled_in(annotation, text, value):
    assert fields.read(schema_of(annotation), {"it": text}) == {"it": value}


def test_a_number_that_is_left_empty_is_left_out():
    assert fields.read(schema_of(int, it=7), {"it": ""}) == {}


@pytest.mark.parametrize(
    ("annotation", "defaults", "limits"),
    [
        pytest.param(
            Annotated[str, Meta(min_length=1, max_length=9)],
            {},
            {"minlength": 1, "maxlength": 9, "required": ""},
            id="a text",
        ),
        pytest.param(
            Annotated[int, Meta(ge=1, le=9)],
            {},
            {"min": 1, "max": 9, "step": 1, "required": ""},
            id="a whole number",
        ),
        pytest.param(float, {"it": 1.5}, {"step": "any"}, id="a number that may be left out"),
        pytest.param(list[str], {}, {}, id="a list"),
    ],
)
def test_a_browser_is_told_the_limits(annotation, defaults, limits):
    [field] = fields.show(schema_of(annotation, **defaults), {})

    assert field.limits == limits

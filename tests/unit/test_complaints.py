"""What is wrong with an argument, in words that its sender understands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from django.utils.translation import override
from msgspec import Meta

from tasks.arguments import Schema
from tasks.complaints import complaint
from tasks.errors import InvalidArguments


class Row(msgspec.Struct):
    name: Annotated[str, Meta(pattern="^[a-z]+$")]


def take(
    job: Any,
    *,
    text: Annotated[str, Meta(min_length=2, max_length=3)] = "ab",
    title: Annotated[str, Meta(min_length=1, max_length=1)] = "a",
    whole: Annotated[int, Meta(ge=2, le=4)] = 2,
    part: Annotated[float, Meta(ge=0.5, le=2.0)] = 1,
    entries: Annotated[list[int], Meta(min_length=1, max_length=2)] = [],  # noqa: B006
    pairs: Annotated[dict[str, int], Meta(min_length=2)] = {},  # noqa: B006
    choice: Literal["red", "green"] = "red",
    count: Literal[1, 2] = 1,
    rows: list[Row] = [],  # noqa: B006
    maybe: int | None = None,
    file: UUID | None = None,
    day: date | None = None,
    at: datetime | None = None,
    length: Annotated[str, Meta(min_length=5)] = "abcde",
    even: Annotated[int, Meta(multiple_of=2)] = 2,
) -> None: ...


SAID = [
    ({"text": "a"}, "“text” must have at least 2 characters."),
    ({"text": "abcd"}, "“text” must have at most 3 characters."),
    ({"title": ""}, "“title” must not be empty."),
    ({"title": "ab"}, "“title” must have at most 1 character."),
    ({"whole": 1}, "“whole” must be at least 2."),
    ({"whole": 5}, "“whole” must be at most 4."),
    ({"whole": 2.5}, "“whole” must be a whole number, not a number."),
    ({"part": 0.25}, "“part” must be at least 0.5."),
    ({"part": 3.5}, "“part” must be at most 2."),
    ({"entries": []}, "“entries” must not be empty."),
    ({"entries": [1, 2, 3]}, "“entries” must have at most 2 entries."),
    ({"entries": [1, "x"]}, "“entries[1]” must be a whole number, not text."),
    ({"entries": "x"}, "“entries” must be a list, not text."),
    ({"pairs": {"a": 1}}, "“pairs” must have at least 2 entries."),
    ({"choice": "blue"}, "“choice” does not take “blue”."),
    ({"choice": "x" * 99}, f"“choice” does not take “{'x' * 79}…”."),
    ({"count": 3}, "“count” does not take this value."),
    ({"rows": [{"name": "a"}, {"name": "B"}]}, "“rows[1].name” does not take “B”."),
    ({"maybe": "x"}, "“maybe” must be a whole number or nothing, not text."),
    ({"file": "x"}, "“file” must be a UUID."),
    ({"day": "x"}, "“day” must be a date."),
    ({"at": "x"}, "“at” must be a date and time."),
    ({"even": 3}, "“even” is wrong: expected int that's a multiple of 2."),
]


@pytest.mark.parametrize(("arguments", "said"), SAID, ids=[said for _, said in SAID])
def test_a_wrong_value_is_told_in_words(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        Schema(take).store(arguments)

    assert str(caught.value) == f"The argument {said}"


def test_it_is_said_in_the_readers_language() -> None:
    with override("de"), pytest.raises(InvalidArguments) as caught:
        Schema(take).store({"maybe": "x"})

    assert (
        str(caught.value)
        == "Das Argument „maybe“ muss eine ganze Zahl oder nichts sein, nicht Text."
    )


def test_what_nobody_has_put_into_words_is_said_as_it_is() -> None:
    assert complaint("Wholly `new` here") == "is wrong: wholly new here"

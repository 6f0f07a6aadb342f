"""JSON read strictly: nothing gets in that a database, a socket or a queue chokes on. Pure."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from tasks.arguments import MAX_INTEGER, json_problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12


class InvalidJson(ValueError):
    """The message says in a sentence what is wrong."""


def parse(body: bytes) -> Any:
    """Read a JSON text of at most MAX_BYTES; what is not plain JSON is InvalidJson.

    Beyond the grammar it refuses half surrogates, NUL, NaN and infinities, integers beyond
    2**53, names that come twice in an object and nesting beyond MAX_DEPTH.
    """
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except RecursionError:
        raise InvalidJson("The JSON is nested too deep.") from None
    except UnicodeDecodeError:
        raise InvalidJson("The JSON is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InvalidJson(f"This is not JSON (at character {error.pos}).") from None
    if problem := json_problem(value, MAX_DEPTH):
        raise InvalidJson(f"The JSON {problem}.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidJson("The JSON has a name twice in one object.")
    return fields


def _integer(digits: str) -> int:
    # Counting first: Python refuses to convert more than 4,300 digits with a ValueError.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise InvalidJson("The JSON has a number beyond 2^53.")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise InvalidJson(f"{name} is not JSON.")

"""JSON read strictly: nothing gets in that a database, a socket or a queue chokes on. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
#: Beyond this a browser's numbers are no longer exact (RFC 8259, section 6).
MAX_INTEGER = 2**53


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


def json_problem(value: Any, depth: int) -> str:
    """Tell what keeps a value from being plain JSON of at most ``depth`` levels; "" if nothing.

    Text is UTF-8 without NUL (PostgreSQL stores none), integers lie within ±2^53, other
    numbers are finite. Values of other types are left to the schema.
    """
    waiting = [(value, depth)]
    while waiting:  # not recursive: the nesting is what is being checked
        item, levels = waiting.pop()
        if problem := _scalar_problem(item):
            return problem
        if isinstance(item, Mapping):
            children = [*item.keys(), *item.values()]
            if not all(isinstance(key, str) for key in item):
                return "has a key that is not text"
        elif isinstance(item, list | tuple):
            children = list(item)
        else:
            continue
        if levels <= 0:
            return "is nested too deep"
        waiting += [(child, levels - 1) for child in children]
    return ""


def _scalar_problem(item: Any) -> str:
    if isinstance(item, str):
        if "\0" in item:
            return "contains a NUL character"
        return "" if _is_encodable(item) else "contains text that is not UTF-8"
    if isinstance(item, int) and abs(item) > MAX_INTEGER:
        return "is a number beyond 2^53"
    if isinstance(item, float) and not math.isfinite(item):
        return "is not a finite number"
    return ""


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

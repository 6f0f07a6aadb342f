"""A job's arguments: what its function's signature asks for, and what JSON may carry. Pure."""

from __future__ import annotations

import inspect
import math
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tasks.errors import InvalidArguments

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
#: Beyond this a browser's numbers are no longer exact (RFC 8259, section 6).
MAX_INTEGER = 2**53
#: Words that ``enqueue()`` keeps for itself.
_RESERVED = frozenset({"owner"})
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


class Schema:
    """What a job's function takes: its keyword-only parameters and their annotations."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._struct = _struct_of(function)
        self._names = set(self._struct.__struct_fields__)

    def store(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Check arguments strictly and give them, with defaults, as JSON values.

        A UUID becomes its text. What is missing, unknown, of a wrong type or no plain JSON
        is an InvalidArguments that names the argument.
        """
        return self.read(arguments)[0]

    def read(self, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Check arguments once; give what ``store`` gives of them, and what ``load`` gives."""
        struct = self._convert(arguments)
        # As the row will give them back, sets in one order: an idempotency key compares them.
        content = msgspec.json.encode(struct, order="deterministic")
        if len(content) > MAX_BYTES:
            raise InvalidArguments(f"The arguments are over {MAX_BYTES // 1024} KiB of JSON.")
        return msgspec.json.decode(content), self._values(struct)

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Give stored arguments as the function wants them; InvalidArguments if it changed."""
        return self._values(self._convert(stored))

    def describe(self) -> dict[str, Any]:
        """Give a JSON Schema (2020-12) of the arguments, for the API's callers."""
        _, components = msgspec.json.schema_components((self._struct,))
        return dict(components[self._struct.__name__])

    def _values(self, struct: msgspec.Struct) -> dict[str, Any]:
        return {name: getattr(struct, name) for name in self._names}

    def _convert(self, arguments: Mapping[str, Any]) -> msgspec.Struct:
        for name in arguments:
            if name not in self._names:
                raise InvalidArguments(f"The job takes no argument “{str(name)[:60]!a}”.")
        for name, value in arguments.items():
            if problem := json_problem(value, MAX_DEPTH - 1):
                raise InvalidArguments(f"The argument “{name}” {problem}.", name)
        try:
            return msgspec.convert(dict(arguments), self._struct, strict=True)
        except (msgspec.ValidationError, RecursionError) as error:
            raise _wrong(str(error)) from error


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


def _struct_of(function: Callable[..., Any]) -> type[msgspec.Struct]:
    """Make a strict struct of a function's keyword-only parameters, or say what is wrong."""
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        raise TypeError(f"{function.__module__}.{function.__qualname__}: a job is given its run.")
    fields: list[Any] = []
    for parameter in parameters[1:]:
        _check_parameter(function, parameter, hints)
        field = (parameter.name, hints[parameter.name])
        default = parameter.default
        fields.append(field if default is parameter.empty else (*field, default))
    return msgspec.defstruct(
        f"{function.__name__}_arguments", fields, kw_only=True, forbid_unknown_fields=True
    )


def _check_parameter(
    function: Callable[..., Any], parameter: inspect.Parameter, hints: Mapping[str, Any]
) -> None:
    where = f"{function.__module__}.{function.__qualname__}: the parameter “{parameter.name}”"
    if parameter.kind is not parameter.KEYWORD_ONLY:
        raise TypeError(f"{where} must follow a bare *: a job's arguments go by name.")
    if parameter.name not in hints:
        raise TypeError(f"{where} needs an annotation: arguments are checked against it.")
    if parameter.name in _RESERVED:
        raise TypeError(f"{where} is called as enqueue() calls its own.")


def _wrong(text: str) -> InvalidArguments:
    """Turn msgspec's words into a sentence that names the argument."""
    if missing := re.search(r"missing required field `([^`]*)`$", text):
        return InvalidArguments(f"The argument “{missing[1]}” is missing.", missing[1])
    place = _PLACE.search(text)
    expected = _PLACE.sub("", text).replace("`", "")
    if place is None:
        return InvalidArguments(f"The arguments are wrong: {expected}.")
    sentence = f"The argument “{place['place']}” is wrong: {expected[:1].lower()}{expected[1:]}."
    return InvalidArguments(sentence, re.split(r"[.\[]", place["place"])[0])

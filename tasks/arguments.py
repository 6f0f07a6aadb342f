"""A job's arguments: what its function's signature asks for, and what JSON may carry."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext

from tasks.complaints import complaint
from tasks.errors import InvalidArguments
from tasks.strictjson import json_problem

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
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
                said = gettext("The job takes no argument “%(name)s”.")
                raise InvalidArguments(said % {"name": ascii(str(name)[:60])})
        for name, value in arguments.items():
            if problem := json_problem(value, MAX_DEPTH - 1):
                raise InvalidArguments(f"The argument “{name}” {problem}.", name)
        try:
            return msgspec.convert(dict(arguments), self._struct, strict=True)
        except (msgspec.ValidationError, RecursionError) as error:
            raise _wrong(str(error), arguments) from error


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


def _wrong(text: str, arguments: Mapping[str, Any]) -> InvalidArguments:
    """Turn msgspec's words into a sentence that names the argument."""
    if missing := re.search(r"missing required field `([^`]*)`$", text):
        said = gettext("The argument “%(name)s” is missing.") % {"name": missing[1]}
        return InvalidArguments(said, missing[1])
    found = _PLACE.search(text)
    if found is None:
        return InvalidArguments(f"The arguments are wrong: {text}.")
    place = found["place"]
    problem = complaint(_PLACE.sub("", text), _value_at(place, arguments))
    said = gettext("The argument “%(name)s” %(problem)s.") % {"name": place, "problem": problem}
    return InvalidArguments(said, re.split(r"[.\[]", place)[0])


def _value_at(place: str, arguments: Mapping[str, Any]) -> Any:
    """Give what is at a place such as ``rows[2].name``; None where that does not say which."""
    value: Any = arguments
    for step in re.findall(r"[^.\[\]]+", place):
        try:
            value = value[step] if isinstance(value, Mapping) else value[int(step)]
        except (LookupError, TypeError, ValueError):
            return None
    return value

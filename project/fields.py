"""A job's arguments as a form: an input for each, as the schema of its kind says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Rule = Mapping[str, Any]
#: What the inputs of a form hold, by argument; a switch that is off is left out.
Filled = Mapping[str, str]

#: A text that may be longer is written on several lines.
_LINE = 200
_ON = "on"
#: What a schema and what HTML call a limit.
_LIMITS = {
    "minLength": "minlength",
    "maxLength": "maxlength",
    "minimum": "min",
    "maximum": "max",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. ``way`` is ``line``, ``text``, ``lines``, ``number``, ``switch`` or ``choice``."""

    name: str
    way: str
    value: str
    rule: Rule
    is_wrong: bool

    @property
    def label(self) -> str:
        """Give the argument's name as people write it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def choices(self) -> list[str]:
        """Give what may be chosen."""
        return [str(each) for each in self.rule["enum"]]

    @property
    def limits(self) -> dict[str, Any]:
        """Give what a browser checks by itself, as attributes of the input."""
        limits = {
            ours: self.rule[theirs] for theirs, ours in _LIMITS.items() if theirs in self.rule
        }
        if self.way == "number":
            limits["step"] = 1 if self.rule["type"] == "integer" else "any"
        must_be = self.way == "number" or "minLength" in self.rule
        return limits | ({"required": ""} if must_be and "default" not in self.rule else {})


def fill(schema: Rule, arguments: Mapping[str, Any]) -> Filled | None:
    """Write arguments into the inputs; None where what is read from them would be others."""
    rules = schema["properties"]
    known = {name: rule["default"] for name, rule in rules.items() if "default" in rule}
    try:
        filled = {
            name: _write(_way(rules[name]), value) for name, value in {**known, **arguments}.items()
        }
    except (KeyError, TypeError):
        return None
    same = read(schema, filled)
    is_exact = all(_way(rule) for rule in rules.values()) and all(
        (type(same.get(name)), same.get(name)) == (type(value), value)
        for name, value in arguments.items()
    )
    return {name: text for name, text in filled.items() if text} if is_exact else None


def read(schema: Rule, filled: Filled) -> dict[str, Any]:
    """Read the arguments that were filled in; the schema itself tells what is wrong with them.

    A number that is left empty is left out, and so is a choice.
    """
    rules = schema["properties"]
    found = {name: _read(rule, filled.get(name, "")) for name, rule in rules.items()}
    return {name: value for name, value in found.items() if value is not None}


def show(schema: Rule, filled: Filled, wrong: str = "") -> list[Field]:
    """Give the form's fields; ``wrong`` names the one with which something is wrong."""
    return [
        Field(
            name=name,
            way=_way(rule, filled.get(name, "")),
            value=filled.get(name, ""),
            rule=rule,
            is_wrong=name == wrong,
        )
        for name, rule in schema["properties"].items()
    ]


def _way(rule: Rule, value: str = "") -> str:
    """Tell by what kind of input an argument is given; "" where it is by none of them."""
    match rule:
        case {"enum": choices}:
            return "choice" if all(type(each) in (str, int) for each in choices) else ""
        case {"type": "boolean"}:
            return "switch"
        case {"type": "integer" | "number"}:
            return "number"
        case {"type": "string"}:
            is_short = "format" in rule or rule.get("maxLength", _LINE + 1) <= _LINE
            return "line" if is_short and "\n" not in value else "text"
        case {"type": "array", "items": {"type": "string"}}:
            return "lines"
    return ""


def _write(way: str, value: Any) -> str:
    if way == "switch":
        return _ON if value else ""
    return "\n".join(value) if way == "lines" else str(value)


def _read(rule: Rule, text: str) -> Any:
    match _way(rule):
        case "switch":
            return text == _ON
        case "number":
            return _number(text) if text else None
        case "choice":
            return next((each for each in rule["enum"] if str(each) == text), text or None)
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
    return text.replace("\r\n", "\n")  # as a browser sends the end of a line


def _number(text: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text

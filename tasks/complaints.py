"""What a schema finds wrong with a value, as people say it, in the reader's language.

msgspec's own words are English and name Python's types. Each sentence follows “The argument …”.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from tasks.sentences import clean

#: What is quoted of a value that is refused, in characters.
_QUOTED = 80
_TYPES = {
    "str": gettext_lazy("text"),
    "int": gettext_lazy("a whole number"),
    "float": gettext_lazy("a number"),
    "bool": gettext_lazy("true or false"),
    "array": gettext_lazy("a list"),
    "object": gettext_lazy("an object"),
    "null": gettext_lazy("nothing"),
    "uuid": gettext_lazy("a UUID"),
    "UUID": gettext_lazy("a UUID"),
    "date": gettext_lazy("a date"),
    "datetime": gettext_lazy("a date and time"),
}


def complaint(words: str, value: Any = None) -> str:
    """Say what msgspec says in ``words`` of a value; what it is not known to say, as it says it."""
    for pattern, say in _SAID:
        if found := pattern.fullmatch(words):
            return say(**found.groupdict())
    if _FOREIGN.fullmatch(words):
        return _foreign(value)
    words = words.replace("`", "")
    return gettext("is wrong: %(words)s") % {"words": words[:1].lower() + words[1:]}


def _other_type(expected: str, got: str) -> str:
    said = gettext("must be %(expected)s, not %(got)s")
    return said % {"expected": _named(expected), "got": _named(got)}


def _no_such(expected: str) -> str:
    return gettext("must be %(expected)s") % {"expected": _named(expected)}


def _named(types: str) -> str:
    return gettext(" or ").join(str(_TYPES.get(name, name)) for name in types.split(" | "))


def _too_short(n: str) -> str:
    if n == "1":
        return gettext("must not be empty")
    said = ngettext(
        "must have at least %(n)s character", "must have at least %(n)s characters", int(n)
    )
    return said % {"n": n}


def _too_long(n: str) -> str:
    said = ngettext(
        "must have at most %(n)s character", "must have at most %(n)s characters", int(n)
    )
    return said % {"n": n}


def _too_few(n: str) -> str:
    if n == "1":
        return gettext("must not be empty")
    said = ngettext("must have at least %(n)s entry", "must have at least %(n)s entries", int(n))
    return said % {"n": n}


def _too_many(n: str) -> str:
    said = ngettext("must have at most %(n)s entry", "must have at most %(n)s entries", int(n))
    return said % {"n": n}


def _too_small(n: str) -> str:
    return gettext("must be at least %(n)s") % {"n": n}


def _too_great(n: str) -> str:
    return gettext("must be at most %(n)s") % {"n": n}


def _foreign(value: Any) -> str:
    if isinstance(value, str):
        return gettext("does not take “%(value)s”") % {"value": clean(value, _QUOTED)}
    return gettext("does not take this value")


_SAID: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile("Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`"), _other_type),
    (re.compile("Invalid (?P<expected>UUID)"), _no_such),
    (re.compile("Invalid RFC3339 encoded (?P<expected>date|datetime)"), _no_such),
    (re.compile("Expected `str` of length >= (?P<n>[0-9]+)"), _too_short),
    (re.compile("Expected `str` of length <= (?P<n>[0-9]+)"), _too_long),
    (re.compile("Expected `(?:array|object)` of length >= (?P<n>[0-9]+)"), _too_few),
    (re.compile("Expected `(?:array|object)` of length <= (?P<n>[0-9]+)"), _too_many),
    (re.compile("Expected `(?:int|float)` >= (?P<n>.+?)(?:\\.0)?"), _too_small),
    (re.compile("Expected `(?:int|float)` <= (?P<n>.+?)(?:\\.0)?"), _too_great),
)
_FOREIGN = re.compile("Expected `str` matching regex .*|Invalid enum value .*", re.DOTALL)

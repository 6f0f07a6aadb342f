"""Finds the sentences in a source file: Python, Django's templates, TypeScript.

What is to be found is written as a literal: ``gettext("Done")``, ``{% translate "Done" %}``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

#: The English sentence; the singular and the plural of one that counts.
Sentence = str | tuple[str, str]

_KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
#: They and their heirs say what their docstrings say, where nothing else is said.
_ERRORS_FOR_PEOPLE = frozenset({"InboxError", "TaskError", "UserError"})
# Babel's own reader of JavaScript takes the apostrophe in html`don't ${gettext("so")}` for a
# string's beginning, and loses what follows (2.18).
_TEXT = r'("(?:[^"\\\n]|\\.)*")'
# A variable's sentences are literals elsewhere, or come from the server.
_CALL = re.compile(rf"\b(n?)gettext\(\s*(?=[\"'`])(?:{_TEXT}\s*(?:,\s*{_TEXT})?)?")


class NotLiteral(Exception):
    """A sentence is written whole, in double quotes, or nobody finds it."""


def sentences(path: Path) -> Iterator[Sentence]:
    """Give a file's sentences in their order; one that is written otherwise is a NotLiteral."""
    text = path.read_text()
    match path.suffix:
        case ".py":
            yield from in_python(text)
            yield from docstrings(text)
        case ".html":
            yield from in_template(text)
        case _:
            yield from in_typescript(text, path.name)


def in_python(text: str) -> Iterator[Sentence]:
    """Find the calls of Django's functions."""
    for _line, _function, found, _comments in extract_python(
        BytesIO(text.encode()), _KEYWORDS, [], {}
    ):
        if isinstance(found, str):
            yield found
        elif found and all(found[:2]):  # not so of a variable
            yield found[0], found[1]


def docstrings(text: str) -> Iterator[Sentence]:
    """Find the default sentences of errors for people: the docstrings of their classes."""
    known = set(_ERRORS_FOR_PEOPLE)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        if (known & {node.name, *bases}) and (sentence := ast.get_docstring(node)):
            known.add(node.name)
            yield sentence


def in_template(text: str) -> Iterator[Sentence]:
    """Find the tags of Django's templates, by way of the Python that Django makes of them."""
    yield from in_python(templatize(text))


def in_typescript(text: str, name: str = "") -> Iterator[Sentence]:
    """Find the calls, in templates within templates too."""
    for counts, one, many in _CALL.findall(text):
        if not one or bool(counts) is not bool(many):
            raise NotLiteral(name)
        yield (json.loads(one), json.loads(many)) if many else json.loads(one)

"""What kinds of jobs are called where people read it."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

from tasks.sentences import clean_line

MAX_NAME = 100

_declared: dict[str, str | Promise] = {}


def declare(kind: str, name: str | Promise | None) -> None:
    """Call a kind so; None: by its own words. A name is a text that is not blank.

    TypeError for what is no text, ValueError for a blank or a long one. One of
    ``gettext_lazy`` is looked at when it is used, and cut at 100 characters.
    """
    if name is None:
        _declared.pop(kind, None)
        return
    if not isinstance(name, str | Promise):
        raise TypeError(f"A job's name is a text, not {type(name).__name__}.")
    if isinstance(name, str) and not (name.strip() and len(name) <= MAX_NAME):
        raise ValueError(f"A job's name has from 1 to {MAX_NAME} characters.")
    _declared[kind] = name


def name_of(kind: str) -> str:
    """Give a kind's name, in the site's own language: an event is kept once, for all its readers.

    ``weekly_export``, which was given none, is “Weekly export”, and so is the plain task
    ``shop.tasks.weekly_export``.
    """
    with override(settings.LANGUAGE_CODE):
        return spoken_name_of(kind)


def spoken_name_of(kind: str) -> str:
    """Give the same in the language that is spoken, for one reader's page."""
    name = _declared.get(kind) or _in_words(kind)
    return clean_line(str(name), MAX_NAME) if isinstance(name, Promise) else name


def _in_words(kind: str) -> str:
    words = kind.rpartition(".")[2].replace("_", " ").strip() or kind
    return words[:1].upper() + words[1:]

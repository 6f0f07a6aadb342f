"""What a notification says: its words, its severity, where its links may lead. Pure.

The bounds are such that an event which carries one always fits into 8 KiB, whatever characters
it is written in: one takes four bytes of JSON at most, since control characters are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from realtime.errors import InvalidNotification

MAX_TITLE, MAX_BODY, MAX_NAME, MAX_KIND = 200, 1_000, 100, 60
MAX_ACTIONS, MAX_LABEL, MAX_LINK = 3, 40, 300

#: The kind of what says nothing else.
MESSAGE = "message"

#: Control characters of both sets, Unicode's own line ends, and halves of characters.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What a URL is spelt in (RFC 3986, section 2); all else is percent-encoded.
_SPELT = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"
#: Two slashes at the beginning would name another site.
_PATH = re.compile(rf"/(?!/){_SPELT}")
#: No user and password before the host: they are there to deceive.
_URL = re.compile(
    rf"(?i:https?)://([A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(:\d{{1,5}})?([/?#]{_SPELT})?"
)


class Severity(StrEnum):
    """How much a notification matters."""

    INFO = "info"  #: good to know
    SUCCESS = "success"  #: what was asked for is done
    WARNING = "warning"  #: something may need a person
    ERROR = "error"  #: something went wrong


@dataclass(frozen=True, slots=True)
class Content:
    """All that a notification says; what it may not say is an InvalidNotification.

    ``link`` and those of ``actions`` (mappings of ``label`` and ``link``) are paths of this site
    or http and https URLs. What shares a ``group`` is shown together; of what has one ``key``
    a person has one.
    """

    title: str
    body: str = ""
    kind: str = MESSAGE
    severity: str = Severity.INFO
    link: str = ""
    actions: Sequence[Mapping[str, str]] = ()
    group: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        _check_line("title", self.title, MAX_TITLE)
        _check_text("body", self.body, MAX_BODY)
        _check_line("kind", self.kind, MAX_KIND)
        _check_line("group", self.group, MAX_NAME, may_be_empty=True)
        _check_line("key", self.key, MAX_NAME, may_be_empty=True)
        if self.severity not in list(Severity):
            raise InvalidNotification(f"The severity is one of {', '.join(Severity)}.")
        if self.link != "":
            check_link(self.link)
        _check_actions(self.actions)


def check_link(link: Any) -> None:
    """Raise InvalidNotification for what is no path of this site and no http or https URL."""
    if not isinstance(link, str) or len(link) > MAX_LINK:
        raise InvalidNotification(f"A link is a text of at most {MAX_LINK} characters.")
    if not _PATH.fullmatch(link) and not _URL.fullmatch(link):
        raise InvalidNotification(
            "A link is a path of this site, as /jobs/, or an http or https URL, percent-encoded."
        )


def check_key(key: Any) -> None:
    """Raise InvalidNotification for what cannot be a notification's key."""
    _check_line("key", key, MAX_NAME)


def _check_actions(actions: Any) -> None:
    if not isinstance(actions, Sequence) or len(actions) > MAX_ACTIONS:
        raise InvalidNotification(f"There are at most {MAX_ACTIONS} actions.")
    for action in actions:
        if not isinstance(action, Mapping) or set(action) != {"label", "link"}:
            raise InvalidNotification("An action has a label and a link.")
        _check_line("label", action["label"], MAX_LABEL)
        check_link(action["link"])


def _check_line(name: str, value: Any, most: int, *, may_be_empty: bool = False) -> None:
    _check(name, value, most, _NOT_IN_A_LINE)
    if not may_be_empty and not value.strip():
        raise InvalidNotification(f"The {name} is empty.")


def _check_text(name: str, value: Any, most: int) -> None:
    _check(name, value, most, _NOT_IN_TEXT)


def _check(name: str, value: Any, most: int, forbidden: re.Pattern[str]) -> None:
    if not isinstance(value, str):
        raise InvalidNotification(f"The {name} is a text.")
    if len(value) > most:
        raise InvalidNotification(f"The {name} has at most {most:,} characters.")
    if forbidden.search(value):
        raise InvalidNotification(f"The {name} has a control character.")

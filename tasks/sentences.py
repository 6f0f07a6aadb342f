"""Text from other people's code, made fit for the database, for JSON and for a screen. Pure."""

from __future__ import annotations

import re

#: An event holds at most 8 KiB, and one character may take six bytes of JSON.
MAX_ERROR, MAX_MESSAGE, MAX_TRACEBACK = 800, 200, 20_000

#: What a terminal acts on: escape sequences whole (ECMA-48: CSI and OSC), and the other control
#: characters but for the tab.
_CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)


def clean(text: object, most: int = MAX_ERROR) -> str:
    """Give at most ``most`` characters without NUL and lone surrogates.

    PostgreSQL stores neither, and JSON encoders refuse the latter.
    """
    safe = str(text).encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def clean_line(text: str, most: int) -> str:
    """Do as ``clean`` with one line, and take out control characters and terminals' colours."""
    return clean(text if text.isprintable() else _CONTROLS.sub("", text), most)

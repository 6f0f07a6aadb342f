"""Text for a terminal: harmless, in columns, within the window. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

#: Control and format characters, surrogates, private use, line and paragraph separators: what
#: moves the cursor, changes the direction of writing or is not to be seen.
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_GAP = "  "


def harmless(text: object) -> str:
    r"""Give a text on one line in which nothing acts on a terminal: ESC is shown as ``\x1b``."""
    return "".join(_shown(character) for character in str(text))


def clip(text: str, columns: int) -> str:
    """Cut a text that takes more columns than there are; the cut shows as ``…``."""
    if columns_of(text) <= columns:
        return text
    kept, taken = [], 1
    for character in text:
        taken += columns_of(character)
        if taken > columns:
            break
        kept.append(character)
    return "".join(kept) + "…"


def columns_of(text: str) -> int:
    """Count the columns that a harmless text takes: East Asian wide characters take two."""
    return sum(_columns_of(character) for character in text)


def table(rows: Sequence[Sequence[object]], columns: int | None = None) -> list[str]:
    """Lay rows out in columns as wide as their longest text, each row on one line.

    With ``columns`` given, a line that would be longer is cut.
    """
    texts = [[harmless(cell) for cell in row] for row in rows]
    widths = [max(map(columns_of, column)) for column in zip(*texts, strict=True)]
    lines = [_line(row, widths) for row in texts]
    return [clip(line, columns) if columns else line for line in lines]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [c + " " * (w - columns_of(c)) for c, w in zip(cells, widths, strict=True)]
    return _GAP.join(padded).rstrip()


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HARMFUL:
        return character
    return character.encode("unicode_escape").decode()


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

"""Tables in text files: which encoding, which delimiter, which heading, and their rows. Pure.

A file is looked through once, quickly, for its encoding; then read once, row by row, in
memory that does not grow with it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.utils.translation import gettext, gettext_lazy

from tasks.errors import UserError
from tasks.numerals import number
from tasks.work.numbers import read_all

MAX_COLUMNS, MAX_NAME = 1000, 100
_DELIMITERS = ",;\t|"
_PIECE = 1024 * 1024
#: Cells held at a time: enough for C loops to pay, little in memory.
_BATCH_CELLS, _BATCH_ROWS = 80_000, 500
_CONTROL = bytes({*range(9), 11, *range(14, 32), 127} | {0x81, 0x8D, 0x8F, 0x90, 0x9D})
#: A Western text has few letters beyond ASCII; other 8-bit encodings have mostly such.
_MOST_BEYOND_ASCII = 0.25

UNREADABLE = gettext_lazy(
    "This file is not a text in UTF-8, UTF-16 or Windows-1252; save it as UTF-8."
)
EMPTY = gettext_lazy("The table is empty.")


@contextmanager
def reading(file: BinaryIO) -> Iterator[Table]:
    """Open a table in a file, which is closed at the end; what is none is a UserError."""
    with io.TextIOWrapper(file, encoding_of(file), newline="") as text:
        yield Table(text)


class Table:
    """A table: ``names`` of its columns, and ``batches()`` of rows of that many cells."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.delimiter = delimiter_of(_read_sample(text))
        self._reader = csv.reader(text, delimiter=self.delimiter)
        self._held: list[list[str]] = []
        self.names = self._heading()
        self.rows = self.ragged_rows = 0
        self._first_ragged = (0, 0)

    def batches(self) -> Iterator[list[list[str]]]:
        """Give rows, some thousands at a time, filled up or cut to the heading's width.

        Rows that had another width are counted. More than half of them is a UserError that
        names the first; so is what is no text, or a quote that never ends.
        """
        width = len(self.names)
        size = max(1, min(_BATCH_ROWS, _BATCH_CELLS // width))
        batch = self._held
        for row in self._rows():
            if len(row) != width:
                if not row:
                    continue
                row = self._mend(row, width)
            batch.append(row)
            if len(batch) >= size:
                yield self._counted(batch)
                batch = []
        if batch:
            yield self._counted(batch)
        if not self.rows:
            raise UserError(gettext("The table has a heading and no rows."))

    def _rows(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as error:
            said = gettext("Line %(line)s cannot be read: %(error)s.")
            raise UserError(said % {"line": self._reader.line_num, "error": error}) from error
        except UnicodeError as error:
            raise UserError(str(UNREADABLE)) from error

    def _heading(self) -> list[str]:
        first = next((row for row in self._rows() if any(cell.strip() for cell in row)), None)
        if first is None:
            raise UserError(str(EMPTY))
        if len(first) > MAX_COLUMNS:
            said = gettext("The table has %(n)s columns; %(most)s is the most.")
            raise UserError(said % {"n": number(len(first)), "most": number(MAX_COLUMNS)})
        if read_all(first) is not None:
            self._held = [first]  # all numbers: it has no heading
            return [f"column {place}" for place, _ in enumerate(first, start=1)]
        return names_of(first)

    def _mend(self, row: list[str], width: int) -> list[str]:
        if not self.ragged_rows:
            self._first_ragged = (self._reader.line_num, len(row))
        self.ragged_rows += 1
        return row[:width] + [""] * (width - len(row))

    def _counted(self, batch: list[list[str]]) -> list[list[str]]:
        self.rows += len(batch)
        if self.ragged_rows * 2 > self.rows:
            line, cells = self._first_ragged
            said = gettext(
                "Line %(line)s has %(cells)s cells where the heading has %(names)s, "
                "and more than half of the rows are like it."
            )
            counts = {"cells": number(cells), "names": number(len(self.names))}
            raise UserError(said % {"line": line, **counts})
        return batch


def encoding_of(file: BinaryIO) -> str:
    """Tell a text's encoding and go back to its start; what is no text is a UserError."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if not start:
        raise UserError(str(EMPTY))
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    encoding = "utf-8-sig" if _is_utf8(file) else "cp1252"
    file.seek(0)
    return encoding


def delimiter_of(sample: str) -> str:
    """Tell which delimiter cuts most of the first rows into the same number of cells."""
    return max(_DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))


def names_of(heading: list[str]) -> list[str]:
    """Give each column a name of its own, fit to be shown."""
    names: list[str] = []
    for place, cell in enumerate(heading, start=1):
        shown = "".join(c for c in cell.strip() if c.isprintable())[:MAX_NAME]
        name = shown or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid = True
    while piece := file.read(_PIECE):
        if b"\0" in piece:
            raise UserError(str(UNREADABLE))
        if len(piece) == _PIECE and b"\n" not in piece and b"\r" not in piece:
            raise UserError(
                gettext("A line of the file is longer than a megabyte; this is no table.")
            )
        valid = valid and _decodes(decoder, piece)
        if not valid and not _is_western(piece):
            raise UserError(str(UNREADABLE))
    return valid and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(piece: bytes) -> bool:
    beyond = len(piece.translate(None, bytes(range(128))))
    return len(piece.translate(None, _CONTROL)) == len(piece) and (
        beyond <= _MOST_BEYOND_ASCII * len(piece)
    )


def _read_sample(text: io.TextIOWrapper) -> str:
    try:
        sample = text.read(32 * 1024)
        text.seek(0)
    except UnicodeError as error:
        raise UserError(str(UNREADABLE)) from error
    return sample


def _consistency(sample: str, delimiter: str) -> tuple[float, int]:
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > 1 and len(sample) >= 32 * 1024 else lines
    try:
        widths = [len(row) for row in csv.reader(whole[:100], delimiter=delimiter) if row]
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, rows = Counter(widths).most_common(1)[0]
    return (rows / len(widths), width) if width > 1 else (0.0, 0)

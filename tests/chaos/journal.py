"""How a chaos run's journals are written and read back.

A journal is a file of JSON lines in the folder ``<run>/journals``, appended by one program
(the ledger: by every worker). Nothing in here, nor in the programs that write journals, is
shared with the platform.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.chaos.records import Record

SUBMITTER, LEDGER, STATES = "submitter.jsonl", "ledger.jsonl", "states.jsonl"
NEMESIS, READER, CLIENT = "nemesis.jsonl", "reader.json", "client-{}.jsonl"

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Damaged(Exception):
    """A journal has a line that is none, and not because its writer died while writing it."""


class Journal:
    """A journal that is being written: whole lines, one write each, from any thread."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        """Open it for appending; ``durable`` waits for the disk after each line."""
        self._file = path.open("ab", buffering=0)
        self._durable, self._lock = durable, threading.Lock()

    def write(self, record: Record) -> None:
        """Append one record."""
        with self._lock:
            self._file.write(msgspec.json.encode(record) + b"\n")
            if self._durable:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read(path: Path, *kinds: type[AnyRecord]) -> list[AnyRecord]:
    """Read a journal's records of these kinds and pass over others.

    A missing file is empty, and so is a torn last line. Anything else that is no record
    raises Damaged, which names the file and the line.
    """
    return list(_records(path, kinds)) if path.exists() else []


def _records(path: Path, kinds: tuple[type[AnyRecord], ...]) -> Iterator[AnyRecord]:
    known = {kind.__struct_config__.tag for kind in kinds}
    decode = msgspec.json.Decoder(reduce(or_, kinds)).decode
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            if line and msgspec.json.decode(line, type=_Kind).op in known:
                yield decode(line)
        except msgspec.DecodeError as error:
            if number < len(lines):
                raise Damaged(f"{path.name}:{number}: {error}") from error


class _Kind(msgspec.Struct):
    op: str

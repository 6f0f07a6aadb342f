"""Where a file's bytes lie on disk, and how they get there whole.

Bytes are written to ``<id>.part``, made durable, and only then renamed to ``<id>``: what
has its final name is complete.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import UUID

from django.conf import settings

from tasks.conf import conf

W = TypeVar("W", bound=io.BufferedWriter)


def root() -> Path:
    """Tell below which folder all bytes lie."""
    return Path(conf.JOB_FILES_ROOT or settings.MEDIA_ROOT)


def place_of(file_id: UUID) -> Path:
    """Tell where the complete bytes of a file lie."""
    digits = file_id.hex
    # The last digits of a version 7 id are random; the first put a day into one folder.
    return root() / digits[-2:] / digits[-4:-2] / digits


def part_of(file_id: UUID) -> Path:
    """Tell where the bytes of a file gather until it is complete."""
    return place_of(file_id).with_suffix(".part")


@contextmanager
def writing(file_id: UUID, writer: type[W]) -> Iterator[W]:
    """Give a file to write; a clean exit puts it in place, anything else removes it."""
    part = part_of(file_id)
    _make_folder(part.parent)
    try:
        with writer(io.FileIO(part, "x")) as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        settle(file_id)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def part_locked(file_id: UUID) -> Iterator[BinaryIO]:
    """Give the gathering bytes to one writer at a time, on this machine."""
    part, place = part_of(file_id), place_of(file_id)
    _make_folder(part.parent)
    if place.exists() and not part.exists():
        # A crash came between the rename and the row: the last part is sent again.
        place.replace(part)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def write_at(file: BinaryIO, offset: int, chunk: bytes) -> None:
    """Write bytes at their place, durably."""
    file.seek(offset)
    file.write(chunk)
    file.flush()
    os.fsync(file.fileno())


def settle(file_id: UUID) -> None:
    """Give complete, durable bytes their final name."""
    place = place_of(file_id)
    part_of(file_id).replace(place)
    _sync_folder(place.parent)


def remove(file_id: UUID) -> None:
    """Forget a file's bytes, complete or not."""
    place_of(file_id).unlink(missing_ok=True)
    part_of(file_id).unlink(missing_ok=True)


def stored(first: str) -> Iterator[tuple[UUID, Path]]:
    """Give all bytes on disk, complete or not, with the ids of their files.

    Begins with the folder ``first``, two digits, and ends with the one before it. What else
    lies there is somebody else's, and is passed over.
    """
    folders = sorted(root().glob("[0-9a-f][0-9a-f]"))
    for folder in sorted(folders, key=lambda folder: folder.name < first):
        for path in folder.glob("[0-9a-f][0-9a-f]/*"):
            file_id = _id_of(path)
            if file_id is not None and path in (place_of(file_id), part_of(file_id)):
                yield file_id, path


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(hex=path.stem)
    except ValueError:
        return None


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

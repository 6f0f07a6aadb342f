"""Uploads and results: the rows of files, kept in step with the bytes on disk.

A file is complete when ``received == size``; its bytes were durable before its row said so.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from tasks import quota, storage
from tasks.conf import conf
from tasks.errors import InvalidFile, UploadTooLarge, WrongOffset
from tasks.filenames import clean_name, clean_type
from tasks.models import File
from tasks.numerals import number

MAX_PART_BYTES = 4 * 1024 * 1024
#: How many rows are deleted in one transaction.
BATCH = 200


class ResultFile(io.BufferedWriter):
    """A file that a job writes; ``saved`` is its row, there once the block has ended well."""

    saved: File


def start_upload(owner_id: Any, name: str, content_type: str, size: int) -> File:
    """Announce an upload that comes in parts; its bytes follow by ``write_part``.

    A size of no bytes is InvalidFile, one above the limit UploadTooLarge, one for which this
    person has no room left QuotaExceeded.
    """
    _check_size(size)
    file = _describe(owner_id, name, content_type)
    file.size = size
    with transaction.atomic():
        quota.check(owner_id, size)
        file.save(force_insert=True)
    return file


def write_part(file: File, offset: int, chunk: bytes) -> int:
    """Add the bytes that begin at ``offset`` and return how many have arrived, durably.

    Where the offset is not what has been received this is WrongOffset, which says what is:
    a client that was cut off goes on from there. More than was announced is UploadTooLarge,
    an upload that was deleted meanwhile InvalidFile.
    """
    if len(chunk) > MAX_PART_BYTES:
        raise part_too_large()
    try:
        return _write_part(file, offset, chunk)
    except File.DoesNotExist:
        storage.remove(file.pk)
        raise InvalidFile(gettext("The upload was deleted.")) from None


def part_too_large() -> UploadTooLarge:
    """Give the error of a part that has more bytes than a part may have."""
    said = gettext("A part has at most %(n)s bytes.")
    return UploadTooLarge(said % {"n": number(MAX_PART_BYTES)})


def _write_part(file: File, offset: int, chunk: bytes) -> int:
    with storage.part_locked(file.pk) as part:
        file.refresh_from_db(fields=["received"])
        if offset != file.received:
            said = gettext("The next part begins at byte %(n)s.") % {"n": file.received}
            raise WrongOffset(file.received, said)
        end = offset + len(chunk)
        if end > file.size:
            said = gettext("The upload was announced with %(n)s bytes.")
            raise UploadTooLarge(said % {"n": number(file.size)})
        storage.write_at(part, offset, chunk)
        if end == file.size:
            storage.settle(file.pk)
        if not File.objects.filter(pk=file.pk, received=offset).update(received=end):
            raise File.DoesNotExist
    file.received = end
    return end


def save_upload(owner_id: Any, name: str, content_type: str, chunks: Iterable[bytes]) -> File:
    """Keep an upload that comes in one piece; no bytes is InvalidFile.

    UploadTooLarge or QuotaExceeded as soon as that is seen; nothing is kept then.
    """
    file = _describe(owner_id, name, content_type)
    room = quota.room_of(owner_id)
    with storage.writing(file.pk, io.BufferedWriter) as target:
        for chunk in chunks:
            file.size += len(chunk)
            _check_size(file.size)
            quota.refuse_beyond(room, file.size)
            target.write(chunk)
        _check_size(file.size)
    return _record(file, is_upload=True)


@contextmanager
def create(owner_id: Any, job_id: UUID, name: str, content_type: str) -> Iterator[ResultFile]:
    """Give a job a file to write, which becomes one of its results on a clean exit."""
    file = _describe(owner_id, name, content_type)
    file.job_id = job_id
    with storage.writing(file.pk, ResultFile) as target:
        yield target
        file.size = target.seek(0, io.SEEK_END)
    target.saved = _record(file)


def open_upload(owner_id: Any, file_id: UUID) -> BinaryIO:
    """Open a complete upload of this person for reading; anything else is InvalidFile."""
    return path_of(find_upload(owner_id, file_id)).open("rb")


def find_upload(owner_id: Any, file_id: UUID) -> File:
    """Look up a complete upload of this person; anything else is InvalidFile.

    The sentence is the same for a stranger's file and for none.
    """
    return find_uploads(owner_id, [file_id])[0]


def find_uploads(owner_id: Any, file_ids: Sequence[UUID]) -> list[File]:
    """Look up several, in one query; else as ``find_upload``."""
    found = File.objects.filter(owner_id=owner_id, job=None).in_bulk(list(file_ids))
    return [_usable(found.get(file_id), file_id) for file_id in file_ids]


def check_limit(size: int) -> None:
    """Refuse with UploadTooLarge what has more bytes than one upload may have."""
    if size > conf.UPLOAD_MAX_BYTES:
        said = gettext("An upload has at most %(n)s bytes.")
        raise UploadTooLarge(said % {"n": number(conf.UPLOAD_MAX_BYTES)})


def path_of(file: File) -> Path:
    """Tell where the bytes of a complete file lie."""
    return storage.place_of(file.pk)


def link_of(file: File) -> str:
    """Give the address of a file's bytes."""
    return f"/api/files/{file.pk}/content"


def describe(file: File) -> dict[str, object]:
    """Tell of a file as the API and results do: id, name, content_type, size and url."""
    return {
        "id": str(file.pk),
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "url": link_of(file),
    }


def remove_results(job_id: UUID) -> int:
    """Forget what an earlier attempt of this job wrote; return how many files that were."""
    return _remove(File.objects.filter(job_id=job_id))


def remove_abandoned(before: datetime) -> int:
    """Forget uploads that began before this moment and that no job reads, complete or not."""
    abandoned = File.objects.filter(created_at__lt=before, job=None, used_by=None)
    removed, batch = 0, [UUID(int=0)]
    while batch:  # in order of their ids, so that one that stays is not met again
        batch = list(
            abandoned.filter(pk__gt=batch[-1]).order_by("pk")[:BATCH].values_list("pk", flat=True)
        )
        removed += remove_unused(batch)
    return removed


def remove_unused(file_ids: Sequence[UUID]) -> int:
    """Forget those of these uploads that no job reads; return how many that were.

    One that a job takes at this moment stays. Those are locked, and skipped here, until what
    takes them has committed; whoever came before has been seen once the lock is held. So the
    question is asked once more, by a statement of its own.
    """
    uploads = File.objects.filter(job=None)
    with transaction.atomic():
        locked = uploads.filter(pk__in=file_ids).order_by("pk").select_for_update(skip_locked=True)
        held = list(locked.values_list("pk", flat=True))
        return _remove(uploads.filter(pk__in=held, used_by=None))


def _remove(files: QuerySet[File]) -> int:
    """Delete rows; their bytes go after the commit, by ``forget_bytes``."""
    return files.delete()[1].get(File._meta.label, 0)


def forget_bytes(instance: File, **_: Any) -> None:
    """Remove the bytes of a row that was deleted, by whomever, once that is certain.

    Rows first: bytes without a row are waste, a row without bytes is a broken link.
    """

    # A def, not a partial: Django logs a robust hook's __qualname__ when it fails.
    def remove() -> None:
        storage.remove(file_id)

    file_id = instance.pk
    transaction.on_commit(remove, robust=True)


def _usable(file: File | None, file_id: UUID) -> File:
    if file is None:
        raise InvalidFile(gettext("You have no upload %(id)s.") % {"id": file_id})
    if not file.is_complete:
        said = gettext("%(name)s has not been uploaded completely.")
        raise InvalidFile(said % {"name": file.name})
    return file


def _describe(owner_id: Any, name: str, content_type: str) -> File:
    return File(
        owner_id=owner_id, name=clean_name(name), content_type=clean_type(content_type), size=0
    )


def _record(file: File, *, is_upload: bool = False) -> File:
    file.received = file.size
    try:
        with transaction.atomic():
            if is_upload:  # others may have come in while this one did
                quota.check(file.owner_id, file.size)
            file.save(force_insert=True)
    except BaseException:
        storage.remove(file.pk)
        raise
    return file


def _check_size(size: int) -> None:
    if size <= 0:
        raise InvalidFile(gettext("The file is empty."))
    check_limit(size)

"""Which uploads a job reads: every UUID among its arguments that is one of its owner's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from tasks import files
from tasks.models import File, Job

_KEEP = (
    f'SELECT id FROM "{File._meta.db_table}" '  # noqa: S608 (our own table's name)
    "WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
)


def ids_in(arguments: Mapping[str, Any]) -> list[UUID]:
    """Find the UUIDs among loaded arguments, also in lists and mappings."""
    return [value for value in _leaves(arguments) if isinstance(value, UUID)]


def check(owner_id: Any, arguments: Mapping[str, Any]) -> None:
    """Raise InvalidFile unless every UUID is a complete upload of this person."""
    files.find_uploads(owner_id, ids_in(arguments))


def link(job: Job, arguments: Mapping[str, Any]) -> None:
    """Note which uploads a recorded job reads: they are kept for as long as it is."""
    if found := ids_in(arguments):
        uploads = File.objects.filter(pk__in=found, owner_id=job.owner_id, job=None)
        job.inputs.add(*_kept(list(uploads.order_by("pk").values_list("pk", flat=True))))


def _kept(upload_ids: list[UUID]) -> list[Any]:
    """Keep these uploads from being deleted until the transaction ends; give those that are left.

    The database's own look at a foreign key comes too late, with the commit, and would fail it.
    Any number of jobs may take one upload at a time, so Django's stronger locks do not serve.
    """
    if not upload_ids or connection.vendor != "postgresql":
        return upload_ids  # on SQLite nobody else can write meanwhile
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [upload_ids])
        return [file_id for (file_id,) in cursor.fetchall()]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple | set):
        yield value
        return
    for item in value:
        yield from _leaves(item)

"""Jobs that have ended, their files, and what is left of them on the disk."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks import files, storage
from tasks.models import File, Job
from tasks.states import State

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=31)


def a_job(owner, state=State.SUCCEEDED, finished_at=LONG_AGO, reads=()):
    job = Job.objects.create(
        owner=owner, kind="reports", queue="reports", state=state, finished_at=finished_at
    )
    job.inputs.add(*reads)
    return job


def an_upload(owner, began=NOW, content=b"a,b\n"):
    upload = files.save_upload(owner.pk, "a.csv", "text/csv", [content])
    File.objects.filter(pk=upload.pk).update(created_at=began)
    return upload


def a_result(job):
    with files.create(job.owner_id, job.pk, "out.csv", "text/csv") as target:
        target.write(b"out")
    return target.saved


def on_disk(media):
    return {storage._id_of(path) for path in media.rglob("*") if path.is_file()}

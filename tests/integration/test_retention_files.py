"""How long files are kept that no job needs."""

from __future__ import annotations

import os

import pytest

from tasks import files, retention, storage
from tasks.errors import InUse
from tasks.models import File
from tasks.states import State
from tests.integration.past_jobs import LONG_AGO, NOW, a_job, a_result, an_upload, on_disk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def test_an_upload_that_no_job_takes_within_a_day_goes(alice, media):
    read, fresh = an_upload(alice, LONG_AGO), an_upload(alice)
    a_job(alice, State.QUEUED, None, reads=[read])
    an_upload(alice, LONG_AGO)
    unfinished = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    files.write_part(unfinished, 0, b"half")
    File.objects.filter(pk=unfinished.pk).update(created_at=LONG_AGO)
    result = a_result(a_job(alice, finished_at=NOW))
    File.objects.filter(pk=result.pk).update(created_at=LONG_AGO)

    assert retention.remove_unused(NOW) == 2

    assert set(File.objects.all()) == {read, fresh, result}
    assert on_disk(media) == {read.pk, fresh.pk, result.pk}


def test_an_own_upload_is_deleted_if_no_job_reads_it(alice, bob, media):
    upload = an_upload(alice)
    with pytest.raises(File.DoesNotExist):
        retention.delete_upload(upload.pk, bob.pk)
    job = a_job(alice, State.QUEUED, None, reads=[upload])
    with pytest.raises(InUse):
        retention.delete_upload(upload.pk, alice.pk)
    with pytest.raises(InUse):
        retention.delete_upload(a_result(job).pk, alice.pk)

    job.delete()
    retention.delete_upload(upload.pk, alice.pk)

    assert (File.objects.count(), on_disk(media)) == (0, set())


def test_the_next_part_of_a_deleted_upload_is_refused_and_leaves_nothing(alice, media):
    upload = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    files.write_part(upload, 0, b"half")
    retention.delete_upload(upload.pk, alice.pk)

    with pytest.raises(files.InvalidFile, match="deleted"):
        files.write_part(upload, 4, b"more")

    assert on_disk(media) == set()


def test_a_user_who_is_deleted_takes_the_bytes_along(alice, bob, media):
    theirs = an_upload(bob)
    a_result(a_job(alice, reads=[an_upload(alice)]))

    alice.delete()

    assert on_disk(media) == {theirs.pk}


def test_bytes_that_no_row_knows_are_swept_a_day_later(alice, media):
    known = an_upload(alice)
    half = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    files.write_part(half, 0, b"half")
    orphans = [an_upload(alice), an_upload(alice)]
    File.objects.filter(pk__in=[orphan.pk for orphan in orphans])._raw_delete("default")
    theirs = media / "ab" / "cd" / "somebody-elses.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("not ours")
    for path in [storage.place_of(known.pk), storage.part_of(half.pk), theirs]:
        os.utime(path, (0, 0))
    os.utime(storage.place_of(orphans[0].pk), (0, 0))

    assert retention.sweep(NOW) == 1

    assert on_disk(media) == {known.pk, half.pk, orphans[1].pk, None}


def test_a_sweep_looks_at_so_many_files_and_no_more(alice, monkeypatch):
    monkeypatch.setattr(retention, "MOST_SWEPT", 2)
    for _ in range(3):
        os.utime(files.path_of(an_upload(alice)), (0, 0))
    File.objects.all()._raw_delete("default")

    assert [retention.sweep(NOW) for _ in range(3)] == [2, 1, 0]

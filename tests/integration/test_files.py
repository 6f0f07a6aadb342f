"""Uploads and results on disk and in their rows."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from tasks import files, storage
from tasks.errors import InvalidFile, UploadTooLarge, WrongOffset
from tasks.models import File, Job
from tasks.run import Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(media, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    return media


@pytest.fixture
def job(alice):
    return Job.objects.create(owner=alice, kind="reports", queue="reports")


def on_disk(media):
    return [path for path in media.rglob("*") if path.is_file()]


def content_of(file):
    return files.path_of(file).read_bytes()


def test_an_upload_is_kept_under_its_id_and_never_its_name(alice, media):
    file = files.save_upload(alice.pk, "../../evil.csv", "text/csv", [b"a,b\n", b"1,2\n"])

    assert content_of(file) == b"a,b\n1,2\n"
    assert (file.name, file.size, file.is_complete) == ("evil.csv", 8, True)
    digits = file.pk.hex
    assert on_disk(media) == [media / digits[-2:] / digits[-4:-2] / digits]


def test_an_upload_that_breaks_off_leaves_nothing(alice, media):
    def chunks():
        yield b"half"
        raise OSError("the client went away")

    with pytest.raises(OSError, match="went away"):
        files.save_upload(alice.pk, "a.csv", "text/csv", chunks())

    assert on_disk(media) == []
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("chunks", "error"),
    [
        pytest.param([], InvalidFile, id="no bytes"),
        pytest.param([b"x" * 600, b"x" * 401], UploadTooLarge, id="one too many"),
    ],
)
def test_an_upload_of_a_wrong_size_leaves_nothing(alice, media, chunks, error):
    with pytest.raises(error):
        files.save_upload(alice.pk, "a.csv", "text/csv", chunks)

    assert on_disk(media) == []
    assert not File.objects.exists()


def test_an_upload_in_parts_is_complete_with_its_last_byte(alice, media):
    file = files.start_upload(alice.pk, "a.csv", "text/csv", 10)

    assert files.write_part(file, 0, b"01234") == 5
    assert not file.is_complete
    assert [path.suffix for path in on_disk(media)] == [".part"]
    assert files.write_part(file, 5, b"56789") == 10

    assert content_of(file) == b"0123456789"
    assert File.objects.get().is_complete
    assert [path.suffix for path in on_disk(media)] == [""]


@pytest.mark.parametrize("offset", [0, 4, 6, 10, -1])
def test_a_part_at_a_wrong_offset_is_told_the_right_one(alice, offset):
    file = files.start_upload(alice.pk, "a.csv", "text/csv", 10)
    files.write_part(file, 0, b"01234")

    with pytest.raises(WrongOffset) as caught:
        files.write_part(file, offset, b"xxxxx")

    assert caught.value.received == 5
    assert File.objects.get().received == 5


def test_more_than_was_announced_is_refused(alice):
    file = files.start_upload(alice.pk, "a.csv", "text/csv", 10)

    with pytest.raises(UploadTooLarge):
        files.write_part(file, 0, b"x" * 11)
    with pytest.raises(UploadTooLarge):
        files.write_part(file, 0, b"x" * (files.MAX_PART_BYTES + 1))
    with pytest.raises(UploadTooLarge):
        files.start_upload(alice.pk, "a.csv", "text/csv", 1001)
    with pytest.raises(InvalidFile):
        files.start_upload(alice.pk, "a.csv", "text/csv", 0)

    assert File.objects.get().received == 0


def test_the_last_part_may_come_again_after_a_crash_before_its_row(alice):
    file = files.start_upload(alice.pk, "a.csv", "text/csv", 4)
    files.write_part(file, 0, b"0123")
    File.objects.update(received=2)

    assert files.write_part(File.objects.get(), 2, b"23") == 4

    assert content_of(file) == b"0123"


def test_a_job_writes_a_file_that_is_whole_or_not_there(alice, job, media):
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as target:
        target.write(b"hello")
        target.seek(0)
        target.write(b"J")
    with (
        pytest.raises(ZeroDivisionError),
        files.create(alice.pk, job.pk, "half.csv", "text/csv") as half,
    ):
        half.write(bytes(1 // 0))

    assert content_of(target.saved) == b"Jello"
    assert list(job.files.all()) == [target.saved]
    assert len(on_disk(media)) == 1


def test_results_of_an_earlier_attempt_go_with_their_bytes(
    alice, job, media, django_capture_on_commit_callbacks
):
    upload = files.save_upload(alice.pk, "in.csv", "text/csv", [b"in"])
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as target:
        target.write(b"out")

    with django_capture_on_commit_callbacks(execute=True):
        assert files.remove_results(job.pk) == 1

    assert on_disk(media) == [files.path_of(upload)]


def test_only_own_complete_uploads_are_opened(alice, bob, job):
    mine = files.save_upload(alice.pk, "a.csv", "text/csv", [b"mine"])
    partial = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as result:
        result.write(b"out")

    with files.open_upload(alice.pk, mine.pk) as file:
        assert file.read() == b"mine"
    for owner, file in [(bob, mine), (alice, partial), (alice, result.saved), (alice, job)]:
        with pytest.raises(InvalidFile):
            files.open_upload(owner.pk, file.pk)


def test_abandoned_uploads_are_forgotten(alice, job, media, django_capture_on_commit_callbacks):
    kept = files.save_upload(alice.pk, "a.csv", "text/csv", [b"whole"])
    job.inputs.add(kept)
    old = files.start_upload(alice.pk, "b.csv", "text/csv", 10)
    files.write_part(old, 0, b"half")
    File.objects.update(created_at=timezone.now() - timedelta(days=2))
    new = files.start_upload(alice.pk, "c.csv", "text/csv", 10)

    with django_capture_on_commit_callbacks(execute=True):
        assert files.remove_abandoned(timezone.now() - timedelta(days=1)) == 1

    assert set(File.objects.all()) == {kept, new}
    assert on_disk(media) == [files.path_of(kept)]


def test_bytes_have_their_final_name_only_when_they_are_durable(alice, monkeypatch):
    story = []
    sync, rename = os.fsync, storage.settle
    monkeypatch.setattr(os, "fsync", lambda fd: (story.append("sync"), sync(fd))[1])
    monkeypatch.setattr(storage, "settle", lambda pk: (story.append("rename"), rename(pk))[1])

    files.save_upload(alice.pk, "a.csv", "text/csv", [b"whole"])

    place = story.index("rename")
    assert story[place - 1] == "sync"
    assert story[place + 1] == "sync"


def test_a_result_too_long_for_the_row_becomes_a_file_of_the_job(job, media):
    told = Run(job).keep(b"[1, 2]")

    file = File.objects.get(job=job)
    assert told == {"file": files.describe(file)}
    assert file.content_type == "application/json"
    assert [path.read_bytes() for path in on_disk(media)] == [b"[1, 2]"]

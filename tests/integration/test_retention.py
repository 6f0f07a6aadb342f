"""What is kept, for how long, and what goes with it."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from realtime.models import Event
from tasks import files, retention, steps, storage
from tasks.errors import InUse, NotFinished
from tasks.models import File, Job, Letter, Step
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=31)
FINAL = [State.SUCCEEDED, State.FAILED, State.CANCELLED]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def bob():
    return User.objects.create_user("bob")


@pytest.fixture
def staff():
    return User.objects.create_user("staff", is_staff=True)


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


def told():
    return [json.loads(event.data) for event in Event.objects.order_by("id")]


@pytest.mark.parametrize("state", FINAL)
def test_a_job_goes_after_its_time_with_all_that_is_its_own(alice, media, state):
    upload = an_upload(alice)
    job = a_job(alice, state, reads=[upload])
    a_result(job)
    steps.record(job, "queued", "alice")
    Letter.objects.create(job=job, recipient="x@example.org", message_id="1")
    repeat = a_job(alice, finished_at=NOW)
    Job.objects.filter(pk=repeat.pk).update(repeat_of=job)

    assert retention.prune_jobs(NOW) == 1

    assert [(job.pk, job.repeat_of) for job in Job.objects.all()] == [(repeat.pk, None)]
    assert (File.objects.count(), Step.objects.count(), Letter.objects.count()) == (0, 0, 0)
    assert on_disk(media) == set()


@pytest.mark.parametrize(
    ("state", "finished_at"),
    [
        pytest.param(State.SUCCEEDED, NOW - timedelta(days=29), id="that ended a while ago"),
        pytest.param(State.QUEUED, None, id="that waits"),
        pytest.param(State.RUNNING, None, id="that runs"),
        pytest.param(State.RUNNING, LONG_AGO, id="that runs, whatever else its row says"),
        pytest.param(State.RETRYING, LONG_AGO, id="that will run again"),
    ],
)
def test_a_job_is_kept(alice, media, state, finished_at):
    job = a_job(alice, state, finished_at, reads=[an_upload(alice)])
    a_result(job)

    assert retention.prune_jobs(NOW) == 0

    assert (Job.objects.count(), len(on_disk(media))) == (1, 2)


def test_how_long_is_a_setting(alice, settings):
    a_job(alice, finished_at=NOW - timedelta(days=2))
    assert retention.prune_jobs(NOW) == 0

    settings.JOB_KEEP_DAYS = 1

    assert retention.prune_jobs(NOW) == 1


def test_an_upload_stays_while_another_job_reads_it(alice, media):
    upload = an_upload(alice, LONG_AGO)
    a_job(alice, reads=[upload])
    a_job(alice, finished_at=NOW, reads=[upload])

    assert retention.prune_jobs(NOW) == 1
    assert retention.remove_unused(NOW) == 0

    assert on_disk(media) == {upload.pk}


def test_jobs_go_in_batches_up_to_a_bound(alice, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST", 4)
    for _ in range(5):
        a_job(alice)

    assert [retention.prune_jobs(NOW) for _ in range(3)] == [4, 1, 0]


def test_pruning_tells_nobody(alice):
    a_job(alice)

    retention.prune_jobs(NOW)

    assert told() == []


@pytest.fixture
def keep():
    """Have another app's table hold on to a job."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE keeps (job_id char(32) REFERENCES tasks_job (id))")
        yield lambda job: cursor.execute("INSERT INTO keeps VALUES (%s)", [job.pk.hex])
        cursor.execute("DROP TABLE keeps")


def test_a_job_that_another_table_needs_stays_and_the_others_go(alice, keep, caplog):
    kept, _ = a_job(alice), a_job(alice)
    keep(kept)

    assert retention.prune_jobs(NOW) == 1

    assert list(Job.objects.all()) == [kept]
    assert str(kept.pk) in caplog.text
    with pytest.raises(InUse):
        retention.delete(kept.pk, alice)
    assert told() == []


@pytest.mark.parametrize("who", ["alice", "staff", "manage.py"])
def test_a_finished_job_is_deleted_at_once_by(alice, staff, media, who):
    job = a_job(alice, finished_at=NOW, reads=[an_upload(alice)])
    a_result(job)

    retention.delete(job.pk, {"alice": alice, "staff": staff}.get(who, who))

    assert (Job.objects.count(), File.objects.count(), on_disk(media)) == (0, 0, set())
    (event,) = told()
    assert (event["type"], event["job"]) == ("job.deleted", {"id": str(job.pk)})


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.RETRYING])
def test_a_job_that_has_not_ended_is_not_deleted(alice, state):
    job = a_job(alice, state, finished_at=None)

    with pytest.raises(NotFinished):
        retention.delete(job.pk, alice)

    assert (Job.objects.count(), told()) == (1, [])


def test_the_job_of_somebody_else_is_not_deleted(alice, bob):
    job = a_job(alice)

    with pytest.raises(Job.DoesNotExist):
        retention.delete(job.pk, bob)

    assert (Job.objects.count(), told()) == (1, [])


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

"""How much one person may upload, also at once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tasks import files, quota
from tasks.errors import QuotaExceeded
from tasks.models import File, Job

pytestmark = pytest.mark.django_db

#: Ten uploads at once, each of a third of what there is room for; tells how many were taken.
AT_ONCE = """
import sys, threading
from django.contrib.auth.models import User
from django.db import connection
from tasks import files
from tasks.errors import QuotaExceeded
alice, start, taken = User.objects.get(username="alice"), threading.Barrier(10), []

def announce():
    files.start_upload(alice.pk, "a.csv", "text/csv", 300)

def send():
    files.save_upload(alice.pk, "a.csv", "text/csv", [b"x" * 300])

def upload(way):
    User.objects.count()  # with a connection at hand they are closer together
    start.wait()
    try:
        way()
        taken.append(1)
    except QuotaExceeded:
        pass
    connection.close()

ways = [announce, send] * 5
threads = [threading.Thread(target=upload, args=(way,)) for way in ways]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(taken))
"""


@pytest.fixture(autouse=True)
def media(media, settings):
    settings.UPLOAD_QUOTA_BYTES = 1000
    return media


def announce(owner, size):
    return files.start_upload(owner.pk, "a.csv", "text/csv", size)


def send(owner, size):
    return files.save_upload(owner.pk, "a.csv", "text/csv", [b"x" * size])


ways = pytest.mark.parametrize("way", [announce, send], ids=["in parts", "in one piece"])


@ways
def test_uploads_are_taken_up_to_the_last_byte_of_the_quota(alice, way):
    announce(alice, 400)
    way(alice, 600)

    with pytest.raises(QuotaExceeded) as caught:
        way(alice, 1)

    assert str(caught.value) == (
        "Your uploads may have 1,000 bytes together, and 1,000 are taken: there is no room for "
        "1 more. Delete some."
    )
    assert File.objects.count() == 2


def test_an_upload_in_one_piece_is_refused_as_soon_as_it_is_too_much(alice, media):
    announce(alice, 900)
    sent = []

    def chunks():
        for chunk in [b"x" * 99, b"yy", b"z"]:
            sent.append(chunk)
            yield chunk

    with pytest.raises(QuotaExceeded):
        files.save_upload(alice.pk, "a.csv", "text/csv", chunks())

    assert len(sent) == 2
    assert [path for path in media.rglob("*") if path.is_file()] == []


@ways
def test_the_uploads_of_others_do_not_count(alice, way):
    announce(User.objects.create_user("bob"), 1000)

    way(alice, 1000)

    assert quota.room_of(alice.pk) == 0


def test_what_jobs_write_does_not_count(alice):
    job = Job.objects.create(owner=alice, kind="reports", queue="reports")
    with files.create(alice.pk, job.pk, "out.csv", "text/csv") as target:
        target.write(b"x" * 2000)

    assert quota.room_of(alice.pk) == 1000


def test_what_is_deleted_makes_room(alice):
    upload = announce(alice, 1000)

    files.remove_unused([upload.pk])

    assert quota.room_of(alice.pk) == 1000


def test_uploads_at_once_do_not_pass_the_quota_together(installation):
    installation.env["UPLOAD_QUOTA_BYTES"] = "1000"

    taken = installation.run(AT_ONCE)

    assert taken == "3"
    assert installation.rows("SELECT SUM(size) FROM tasks_file") == [(900,)]

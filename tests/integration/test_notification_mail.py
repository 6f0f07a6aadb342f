"""A notification by e-mail: sent by a job of the site's own, once its cause is committed."""

from __future__ import annotations

from smtplib import SMTPServerDisconnected

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import transaction

from realtime import preferences
from realtime.inbox import notify
from tasks.job import Run
from tasks.models import Job, Letter
from tasks.work.mail import MailServerAway
from tasks.work.notification_mail import absolute, notification_mail
from tests.delivery import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice", email="alice@example.org")


@pytest.fixture(autouse=True)
def by_mail(alice, settings):
    settings.SITE_URL = "https://jobs.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    preferences.choose(alice.pk, "message", in_app=False, email=True)


def attempt():
    """Run what was recorded, as a worker would."""
    job = Job.objects.get()
    return notification_mail.run(Run(job))


def test_it_is_recorded_with_what_it_tells_of_and_sent_by_a_worker(alice):
    told_id = notify(alice, "Report is done", body="Ninety rows.", link="/jobs/7/")

    job = Job.objects.get()
    assert (job.kind, job.queue, job.owner) == ("notification_mail", "mail", None)
    assert told_id is not None
    assert mail.outbox == []

    assert attempt()["sent"] == 1
    [letter] = mail.outbox
    assert (letter.subject, letter.to) == ("Report is done", ["alice@example.org"])
    assert letter.body == "Ninety rows.\n\nhttps://jobs.example.org/jobs/7/"


def test_a_second_attempt_writes_no_second_letter(alice):
    notify(alice, "Report is done")

    assert [attempt()["sent"], attempt()["skipped"]] == [1, 1]
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_tried_again(alice, monkeypatch):
    def away(self):
        raise SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", away)
    notify(alice, "Report is done")

    with pytest.raises(MailServerAway):
        attempt()
    assert notification_mail.retry.wants(MailServerAway(), 7)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"email": ""}, id="has no address"),
        pytest.param({"is_active": False}, id="may not sign in any more"),
    ],
)
def test_nothing_is_sent_to_who(alice, change):
    notify(alice, "Report is done")
    User.objects.update(**change)

    assert attempt()["sent"] == 0
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_letter_back(alice):
    with undone(transaction.atomic()):
        notify(alice, "Report is done")

    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("site", "link", "shown"),
    [
        ("https://a.example", "/jobs/7/", "https://a.example/jobs/7/"),
        ("https://a.example/", "/jobs/7/", "https://a.example/jobs/7/"),
        ("https://a.example/app/", "/app/jobs/7/", "https://a.example/app/jobs/7/"),
        ("", "/jobs/7/", ""),
        ("", "https://b.example/x", "https://b.example/x"),
        ("https://a.example", "https://b.example/x", "https://b.example/x"),
        ("https://a.example", "", ""),
    ],
)
def test_a_link_in_a_letter_is_absolute_or_left_out(settings, site, link, shown):
    settings.SITE_URL = site

    assert absolute(link) == shown

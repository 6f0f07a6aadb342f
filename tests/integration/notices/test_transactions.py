"""A job's card is written, and goes, in the transaction of the job's own move."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from realtime import log, preferences
from realtime.models import Mute, Notification
from tasks import jobs, retention
from tasks.job import Run, job
from tasks.models import Job
from tasks.states import State
from tests.delivery import undone
from tests.integration.inboxes import listed
from tests.integration.notices import DONE, run, types

pytestmark = pytest.mark.django_db


class TestDeletion:
    def test_the_card_goes_with_its_job(self, alice, tally):
        gone, stays = tally.enqueue(owner=alice), tally.enqueue(owner=alice)
        run(DONE, DONE)
        preferences.mute(alice.pk, f"job:{gone.pk}")

        retention.delete(gone.pk, by=alice)

        assert [card["key"] for card in listed(alice)] == [f"job:{stays.pk}"]
        assert types(alice)[-2:] == ["notification.deleted", "job.deleted"]
        assert not Mute.objects.exists()

    def test_it_goes_with_jobs_that_are_too_old_for_each_owner(self, alice, bob, tally):
        for owner in (alice, bob, None, alice):
            tally.enqueue(owner=owner)
        run(DONE, DONE, DONE, DONE)
        Job.objects.update(finished_at="2020-01-01T00:00Z")

        assert retention.prune_jobs(timezone.now()) == 4

        assert not Notification.objects.exists()
        assert [types(user)[-1] for user in (alice, bob)] == ["notification.deleted"] * 2

    def test_what_has_no_card_costs_no_lock(self, alice, monkeypatch):
        @job()
        def quiet(job: Run) -> None: ...

        quiet.enqueue(owner=alice)
        run(DONE)
        head = log.read(f"user:{alice.pk}").head
        Job.objects.update(finished_at="2020-01-01T00:00Z")

        retention.prune_jobs(timezone.now())

        assert log.read(f"user:{alice.pk}").head == head


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_a_card_and_the_end_it_tells_of_stand_or_fall_together(self, alice, tally, wire):
        tally.enqueue(owner=alice)
        claimed = jobs.claim("default", "w1")
        wire.heard()

        with undone(transaction.atomic()):
            jobs.settle(claimed, DONE)

        assert (wire.heard(), listed(alice)) == ([], [])
        assert Job.objects.get().state == State.RUNNING

    def test_a_job_that_asks_for_nothing_makes_no_more_statements(
        self, alice, django_assert_num_queries
    ):
        @job()
        def quiet(job: Run) -> None: ...

        quiet.enqueue(owner=alice)
        run(DONE)

        # BEGIN and COMMIT, the row, its step, and its event's place and text; of a new job
        # also how many of the owner's wait.
        with django_assert_num_queries(7):
            quiet.enqueue(owner=alice)
        with django_assert_num_queries(6):
            claimed = jobs.claim("default", "w1")
        with django_assert_num_queries(6):
            jobs.settle(claimed, DONE)

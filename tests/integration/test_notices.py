"""What a job's owner is notified of, in the transaction of the job's own move."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from realtime import inbox, log, preferences
from realtime.errors import InvalidNotification
from realtime.models import Mute, Notification
from tasks import interventions, jobs, notices, retention
from tasks import job as jobs_of
from tasks.checks import check_links
from tasks.job import Run, job
from tasks.models import Job
from tasks.outcomes import Outcome, failed
from tasks.states import State
from tests.delivery import undone

pytestmark = pytest.mark.django_db

AGAIN = Outcome(State.RETRYING, {"error": "The server is away."})
DONE, STOPPED = Outcome(State.SUCCEEDED), Outcome(State.CANCELLED)


@pytest.fixture
def alice():
    return User.objects.create_user("alice", email="alice@example.org")


@pytest.fixture
def root():
    return User.objects.create_user("root", is_staff=True)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(notices, "_declared", set())
    monkeypatch.setattr(preferences, "_kinds", {})


@pytest.fixture
def tally():
    @job(name="Monthly tally", max_attempts=9, notify=True)
    def tally(job: Run) -> None: ...

    return tally


def run(*outcomes):
    for outcome in outcomes:
        Job.objects.update(run_after=timezone.now() - timedelta(hours=1))
        jobs.settle(jobs.claim("default", "w1"), outcome)


def cards(user):
    return inbox.page(user)["notifications"]


def types(user):
    events = log.read(f"user:{user.pk}", after=0).events
    return [json.loads(data)["type"] for _, data in events]


@pytest.mark.parametrize(
    ("outcomes", "title", "severity", "body"),
    [
        pytest.param([DONE], "Monthly tally is done", "success", "", id="done"),
        pytest.param(
            [failed("No rows.")], "Monthly tally failed", "error", "No rows.", id="failed"
        ),
        pytest.param([AGAIN, DONE], "Monthly tally is done", "success", "", id="at the second try"),
        pytest.param(
            [AGAIN] * 2,
            "Monthly tally: trying again",
            "warning",
            AGAIN.columns["error"],
            id="again",
        ),
        pytest.param([AGAIN] * 3 + [DONE], "Monthly tally is done", "success", "", id="at last"),
    ],
)
def test_the_owner_has_one_card_that_says_how_the_job_stands(
    alice, settings, tally, outcomes, title, severity, body
):
    settings.JOB_PAGE = "/jobs/{id}/"
    asked = tally.enqueue(owner=alice)

    run(*outcomes)

    [card] = cards(alice)
    state = Job.objects.get().state
    assert card | {"id": "", "at": ""} == {
        "id": "",
        "kind": "tally",
        "title": title,
        "body": body,
        "severity": severity,
        "link": f"/jobs/{asked.pk}/",
        "actions": [],
        "group": f"tally:{state}",
        "key": f"job:{asked.pk}",
        "at": "",
        "seen": False,
        "read": False,
        "archived": False,
    }


def test_the_first_retry_is_no_news(alice, tally):
    tally.enqueue(owner=alice)

    run(AGAIN)

    assert cards(alice) == []


def test_the_jobs_own_event_comes_first(alice, tally):
    tally.enqueue(owner=alice)

    run(DONE)

    assert types(alice)[-2:] == ["job.succeeded", "notification.created"]


@pytest.mark.parametrize("is_running", [False, True], ids=["that waits", "that runs"])
@pytest.mark.parametrize("by", ["alice", "root", "command line"])
def test_of_a_job_that_is_stopped_the_owner_hears_if_another_did_it(
    alice, root, tally, is_running, by
):
    asked = tally.enqueue(owner=alice)
    claimed = jobs.claim("default", "w1") if is_running else None

    interventions.cancel(asked.pk, {"alice": alice, "root": root}.get(by, by))
    if claimed:
        jobs.settle(claimed, STOPPED)

    assert Job.objects.get().state == State.CANCELLED
    expected = [] if by == "alice" else [("Monthly tally was cancelled", "info")]
    assert [(card["title"], card["severity"]) for card in cards(alice)] == expected


def test_what_the_owner_stops_is_not_tried_again_on_the_card_either(alice, tally):
    asked = tally.enqueue(owner=alice)
    run(AGAIN, AGAIN)

    interventions.cancel(asked.pk, alice)

    assert cards(alice) == []
    assert types(alice)[-1] == "notification.deleted"


def test_a_kind_that_asks_for_nothing_has_no_cards(alice):
    @job(notify=True)
    def twice(job: Run) -> None: ...

    @job(kind="twice")
    def twice_again(job: Run) -> None: ...

    twice.enqueue(owner=alice)
    run(DONE)

    assert not Notification.objects.exists()


def test_a_job_of_the_sites_own_has_nobody_to_tell(tally):
    tally.enqueue(owner=None)

    run(DONE)

    assert not Notification.objects.exists()


def test_who_muted_a_job_hears_no_more_of_it(alice, tally):
    asked = tally.enqueue(owner=alice)
    preferences.mute(alice.pk, f"job:{asked.pk}")

    run(failed("No rows."))

    assert cards(alice) == []
    assert types(alice)[-1] == "job.failed"


def test_people_can_choose_how_to_be_told_of_the_kind(tally):
    assert preferences.shown(0)["kinds"] == [
        {"kind": "tally", "name": "Monthly tally", "in_app": True, "email": False}
    ]


def test_what_is_said_is_in_the_sites_language(alice, tally, settings):
    settings.LANGUAGE_CODE = "de"
    tally.enqueue(owner=alice)

    run(DONE)

    assert cards(alice)[0]["title"] == "Monthly tally ist fertig"


@pytest.mark.parametrize(
    ("error", "body"),
    [
        pytest.param("a\x1b[31mred\x1b[0m", "ared", id="a terminal's colours"),
        pytest.param("one\r\ntwo\u2028three\x85four", "one\ntwo\nthree\nfour", id="lines"),
        pytest.param("a\ud800b\x07", "a?b", id="half a character"),
        pytest.param("\N{BELL}" * 2000, "\N{BELL}" * 799 + "…", id="a long one"),
    ],
)
def test_no_error_keeps_a_job_from_its_end(alice, tally, error, body):
    tally.enqueue(owner=alice)

    run(failed(error))

    assert cards(alice)[0]["body"] == body


@pytest.mark.parametrize("name", ["a\nb\tc\u2028d", "N" * 100, "\N{BELL}\x00"], ids=repr)
def test_no_name_keeps_a_job_from_its_end(alice, name):
    @job(name=name, notify=True)
    def odd(job: Run) -> None: ...

    odd.enqueue(owner=alice)
    run(DONE)

    assert len(cards(alice)) == 1


def test_a_kind_that_cannot_be_told_of_is_refused_where_it_is_declared():
    with pytest.raises(InvalidNotification, match="kind"):

        @job(kind="a\nb", notify=True)
        def odd(job: Run) -> None: ...


@pytest.mark.parametrize(
    ("setting", "value", "is_refused"),
    [
        pytest.param("JOB_PAGE", "", False, id="no page"),
        pytest.param("JOB_PAGE", "/jobs/{id}/", False, id="a page"),
        pytest.param("JOB_PAGE", "https://example.org/{id}", False, id="a page elsewhere"),
        pytest.param("JOB_PAGE", "javascript:{id}", True, id="a script"),
        pytest.param("JOB_PAGE", "jobs/{id}", True, id="a relative path"),
        pytest.param("SITE_URL", "https://jobs.example.org", False, id="the site"),
        pytest.param("SITE_URL", "jobs.example.org", True, id="a site without https"),
    ],
)
def test_a_link_that_cannot_be_told_is_refused_at_start(settings, setting, value, is_refused):
    setattr(settings, setting, value)

    found = [problem.msg for problem in check_links()]

    assert [setting in message for message in found] == ([True] if is_refused else [])


class TestDeletion:
    def test_the_card_goes_with_its_job(self, alice, tally):
        gone, stays = tally.enqueue(owner=alice), tally.enqueue(owner=alice)
        run(DONE, DONE)
        preferences.mute(alice.pk, f"job:{gone.pk}")

        retention.delete(gone.pk, by=alice)

        assert [card["key"] for card in cards(alice)] == [f"job:{stays.pk}"]
        assert types(alice)[-2:] == ["notification.deleted", "job.deleted"]
        assert not Mute.objects.exists()

    def test_it_goes_with_jobs_that_are_too_old_for_each_owner(self, alice, root, tally):
        for owner in (alice, root, None, alice):
            tally.enqueue(owner=owner)
        run(DONE, DONE, DONE, DONE)
        Job.objects.update(finished_at="2020-01-01T00:00Z")

        assert retention.prune_jobs(timezone.now()) == 4

        assert not Notification.objects.exists()
        assert [types(user)[-1] for user in (alice, root)] == ["notification.deleted"] * 2

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

        assert (wire.heard(), cards(alice)) == ([], [])
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

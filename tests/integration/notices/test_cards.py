"""What a job's owner is notified of, and by whose doing."""

from __future__ import annotations

import pytest

from realtime import preferences
from realtime.models import Notification
from tasks import interventions, jobs
from tasks.job import Run, job
from tasks.models import Job
from tasks.outcomes import failed
from tasks.states import State
from tests.integration.inboxes import listed
from tests.integration.notices import AGAIN, DONE, STOPPED, run, types

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("outcomes", "title", "severity", "body"),
    [
        pytest.param([DONE], "Monthly tally: done", "success", "", id="done"),
        pytest.param(
            [failed("No rows.")], "Monthly tally: failed", "error", "No rows.", id="failed"
        ),
        pytest.param([AGAIN, DONE], "Monthly tally: done", "success", "", id="at the second try"),
        pytest.param(
            [AGAIN] * 2,
            "Monthly tally: trying again",
            "warning",
            AGAIN.columns["error"],
            id="again",
        ),
        pytest.param([AGAIN] * 3 + [DONE], "Monthly tally: done", "success", "", id="at last"),
    ],
)
def test_the_owner_has_one_card_that_says_how_the_job_stands(
    alice, settings, tally, outcomes, title, severity, body
):
    settings.JOB_PAGE = "/jobs/{id}/"
    asked = tally.enqueue(owner=alice)

    run(*outcomes)

    [card] = listed(alice)
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

    assert listed(alice) == []


def test_the_jobs_own_event_comes_first(alice, tally):
    tally.enqueue(owner=alice)

    run(DONE)

    assert types(alice)[-2:] == ["job.succeeded", "notification.created"]


@pytest.mark.parametrize("is_running", [False, True], ids=["that waits", "that runs"])
@pytest.mark.parametrize("by", ["alice", "clerk", "command line"])
def test_of_a_job_that_is_stopped_the_owner_hears_if_another_did_it(
    alice, clerk, tally, is_running, by
):
    asked = tally.enqueue(owner=alice)
    claimed = jobs.claim("default", "w1") if is_running else None

    interventions.cancel(asked.pk, {"alice": alice, "clerk": clerk}.get(by, by))
    if claimed:
        jobs.settle(claimed, STOPPED)

    assert Job.objects.get().state == State.CANCELLED
    expected = [] if by == "alice" else [("Monthly tally: cancelled", "info")]
    assert [(card["title"], card["severity"]) for card in listed(alice)] == expected


def test_what_the_owner_stops_is_not_tried_again_on_the_card_either(alice, tally):
    asked = tally.enqueue(owner=alice)
    run(AGAIN, AGAIN)

    interventions.cancel(asked.pk, alice)

    assert listed(alice) == []
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

    assert listed(alice) == []
    assert types(alice)[-1] == "job.failed"


def test_people_can_choose_how_to_be_told_of_the_kind(tally):
    assert preferences.shown(0)["kinds"] == [
        {"kind": "tally", "name": "Monthly tally", "in_app": True, "email": False}
    ]

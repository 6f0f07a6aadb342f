"""What the API tells of schedules, and whom; the site's own jobs, which it does not offer."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tasks import schedule
from tasks.job import Run, find
from tasks.models import Job
from tests.people import sign_in

pytestmark = pytest.mark.django_db

UPKEEP = {"prune_log", "remove_abandoned", "prune_jobs", "prune_inboxes"}


def tab_of(name: str, **rights) -> Client:
    return sign_in(User.objects.create(username=name, **rights))


def test_staff_read_the_schedules_and_nobody_else():
    assert Client().get("/api/schedules").status_code == 401
    assert tab_of("alice").get("/api/schedules").status_code == 403

    response = tab_of("staff", is_staff=True).get("/api/schedules")

    assert response.status_code == 200
    told = {one["name"]: one for one in response.json()}
    assert told.keys() == schedule.registry.keys()
    assert told["prune the log"]["kind"] == "prune_log"
    assert all(len(one["next"]) == 3 for one in told.values())


def test_the_sites_own_kinds_are_not_offered():
    offered = {told["kind"] for told in tab_of("alice").get("/api/kinds").json()}

    assert "reports" in offered
    assert not offered & UPKEEP


@pytest.mark.parametrize("kind", sorted(UPKEEP))
def test_the_sites_own_kinds_are_refused(kind):
    tab = tab_of("mallory", is_staff=True)

    response = tab.post("/api/jobs", {"kind": kind}, content_type="application/json")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_kind")
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", sorted(UPKEEP))
def test_the_sites_own_jobs_run(kind):
    function = find(kind)
    job = function.enqueue(owner=None)

    counted = function.run(Run(job))

    assert all(count == 0 for count in counted.values())

"""The page of operations as the server makes it: who sees it, and what it says without scripts."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from realtime.operations import Report, tell
from tasks.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

_LATENCY = {
    stage: {"count": 9, "p50": 1.5, "p99": 61.25}
    for stage in (
        "commit_to_screen",
        "commit_to_publish",
        "publish_to_write",
        "write_to_receive",
        "receive_to_show",
    )
}
_WEB = {
    "process": "host1/web1",
    "sockets": 812,
    "streams": 14,
    "long_polls": 3,
    "topics": 640,
    "events_per_second": 41.5,
    "requests_per_second": 8.5,
    "loop_delay_ms": None,
    "latency": _LATENCY,
}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("carol", is_staff=True))
    return client


def state_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="bellwire-page" type="application/json">(.*?)</script>', html)
    assert found
    state: dict[str, Any] = json.loads(found[1])
    return state


def test_who_is_not_signed_in_is_led_to_the_door(client: Client) -> None:
    assert client.get("/operations/").headers["Location"] == "/login/?next=/operations/"


def test_for_others_there_is_no_such_page_and_no_link_to_it(client: Client) -> None:
    client.force_login(User.objects.create_user("mallory"))

    assert client.get("/operations/").status_code == 404
    assert "/operations/" not in client.get("/").content.decode()


def test_staff_see_what_was_told_and_what_is_in_the_database(staff: Client) -> None:
    job = Job.objects.create(kind="report", state="failed", error="<b>no table</b>")
    moment = timezone.now() - timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(finished_at=moment, started_at=moment)
    tell(Report("web:host1/web1", "ops.web", _WEB))

    html = staff.get("/operations/").content.decode()

    for said in (
        "host1/web1",
        "<td>812</td><td>14</td><td>3</td>",
        "61.3 ms",
        "&lt;b&gt;no table&lt;/b&gt;",
    ):
        assert said in html, said
    assert f'<a href="/jobs/{job.pk}/">' in html
    assert '<th scope="row">default</th>' in html
    assert "style=" not in html


def test_the_script_is_given_the_same_without_ten_minutes_of_history(staff: Client) -> None:
    tell(Report("web:host1/web1", "ops.web", _WEB))

    told = state_of(staff.get("/operations/").content.decode())["operations"]

    assert [(each["process"], each["stale"]) for each in told["web"]] == [("host1/web1", False)]
    assert {each["queue"] for each in told["queues"]} >= {"default"}
    assert told["history"] == {}


def test_kinds_of_jobs_keep_the_names_that_the_page_first_gave_them(staff: Client) -> None:
    Job.objects.create(kind="images", state="failed", finished_at=timezone.now())
    german = {"Accept-Language": "de"}

    html = staff.get("/operations/", headers=german).content.decode()
    read_anew = staff.get("/api/ops", headers=german).json()

    assert re.search(r'<a href="/jobs/[-0-9a-f]+/">Bilder</a>', html)
    assert state_of(html)["operations"]["names"]["images"] == "Bilder"
    assert read_anew["names"]["images"] == "Bilder"

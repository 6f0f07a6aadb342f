from __future__ import annotations

import itertools
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client

from realtime import api_latency, metrics, tokens
from realtime.api_latency import BURST, MAX_SAMPLES, MAX_SESSIONS, PER_SECOND, Buckets
from tests.integration.hub_stage import Count
from tests.people import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(monkeypatch, alice):
    monkeypatch.setattr(api_latency, "_buckets", Buckets())
    return sign_in(alice)


def report(page, *samples, **headers):
    body = {"sent": 1.5, "samples": list(samples)}
    return page.post("/api/shown", body, "application/json", headers=headers)


def sample(**changed):
    now = time.time() * 1000
    times = {"c": now - 80, "p": now - 79, "w": now - 78, "received": now - 70, "shown": now - 40}
    return times | changed


def test_the_first_report_only_asks_for_the_time(page):
    before = time.time() * 1000

    answer = page.post("/api/shown", {"sent": 5}, "application/json").json()

    assert before - 1 <= answer["received"] <= answer["now"] <= time.time() * 1000 + 1


def test_what_was_shown_is_counted_and_what_makes_no_sense_is_dropped(page):
    shown = sum(metrics.commit_to_screen.counts)
    odd = Count(metrics.shown_samples.labels("odd"))

    answer = report(page, sample(), sample(), sample(c=0))

    assert answer.status_code == 200
    assert sum(metrics.commit_to_screen.counts) == shown + 2
    assert odd == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"sent": "soon"}, id="no number"),
        pytest.param({"sent": 1, "samples": [{}]}, id="an empty sample"),
        pytest.param({"sent": 1, "samples": [[1, 2, 3, 4, 5]]}, id="a sample without names"),
        pytest.param({"sent": 1, "samples": [sample(c=None)]}, id="null"),
        pytest.param({"sent": 1, "samples": [sample()] * (MAX_SAMPLES + 1)}, id="too many"),
    ],
)
def test_a_report_of_another_form_is_refused(page, body):
    assert page.post("/api/shown", body, "application/json").status_code == 422


def test_who_reports_too_often_is_told_so(page):
    statuses = [report(page).status_code for _ in range(BURST + 1)]

    assert statuses == [200] * BURST + [429]


def test_each_session_has_turns_of_its_own_and_so_has_each_bearer_of_tokens(page):
    elsewhere = Client()
    elsewhere.force_login(User.objects.get())
    people = [User.objects.create_user(name) for name in ("bob", "carol")]
    bearers = [Client(headers={"Authorization": f"Bearer {tokens.make(p.pk)}"}) for p in people]

    for client in (page, elsewhere, *bearers):
        assert [report(client).status_code for _ in range(BURST + 1)] == [200] * BURST + [429]


def test_strangers_and_other_sites_cannot_report(page):
    stranger, forged = Client(), Client(enforce_csrf_checks=True)
    forged.cookies = page.cookies

    assert [report(each).status_code for each in (stranger, forged)] == [401, 403]


def test_the_bearer_of_a_token_can_report(page):
    bearer = f"Bearer {tokens.make(User.objects.get().pk)}"

    assert report(Client(), Authorization=bearer).status_code == 200


def test_turns_come_back_with_time():
    buckets = Buckets()

    assert all(buckets.take("a", 100.0) for _ in range(BURST))
    assert not buckets.take("a", 100.0)
    assert buckets.take("b", 100.0)
    assert buckets.take("a", 100.0 + 1 / PER_SECOND)


def test_sessions_that_are_long_silent_are_forgotten():
    buckets = Buckets()

    for name in itertools.islice(itertools.count(), MAX_SESSIONS + 5):
        buckets.take(str(name), 1.0)

    assert len(buckets._buckets) == MAX_SESSIONS

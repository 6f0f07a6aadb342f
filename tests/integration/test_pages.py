"""The pages as the server makes them, before any script runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils.html import escape

from realtime import assets
from realtime.log import append_many
from tasks.states import State
from tests.integration.job_rows import job_of

MANIFEST = {
    "src/client/transport.ts": {"file": "assets/transport-3.js"},
    "src/pages/elements.ts": {
        "file": "assets/elements-1.js",
        "dynamicImports": ["src/client/transport.ts", "src/elements/job-output.ts"],
    },
    "src/elements/job-output.ts": {"file": "assets/output-5.js"},
    "src/pages/site.ts": {
        "file": "assets/site-2.js",
        "imports": ["src/pages/elements.ts"],
        "css": ["assets/site-4.css"],
    },
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    monkeypatch.setattr(assets, "MANIFEST", manifest)
    return manifest


@pytest.fixture
def alice(settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    return User.objects.create_user("alice", password="correct horse")


def page_state(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="bellwire-page" type="application/json">(.*?)</script>', html)
    assert found
    state: dict[str, Any] = json.loads(found[1])
    return state


@pytest.mark.parametrize("address", ["/", "/jobs/0199a3c4-0000-7000-8000-000000000000/"])
def test_nobody_sees_a_page_before_logging_in(address):
    response = Client().get(address)

    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={address}"


def test_logging_in_needs_no_script_and_leads_back(alice):
    client = Client()

    page = client.get("/login/", {"next": "/jobs/"}).content.decode()
    answer = client.post(
        "/login/", {"username": "alice", "password": "correct horse", "next": "/jobs/"}
    )

    assert "<script" not in page
    assert '<link rel="stylesheet" href="/static/bellwire/assets/site-4.css">' in page
    assert answer["Location"] == "/jobs/"


def test_a_wrong_password_is_answered_with_a_sentence_and_the_name(alice):
    answer = Client().post("/login/", {"username": "alice", "password": "wrong"})

    assert 'role="alert"' in answer.content.decode()
    assert 'value="alice"' in answer.content.decode()


def test_logging_in_never_leads_to_another_site(alice):
    form = {"username": "alice", "password": "correct horse", "next": "https://elsewhere.example/"}

    assert Client().post("/login/", form)["Location"] == "/"


def test_logging_out_is_a_post_that_forgets_the_session(tab):
    assert tab.get("/logout/").status_code == 405

    tab.post("/logout/")

    assert tab.get("/").status_code == 302


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "Waiting", id="queued"),
        pytest.param({"state": State.RUNNING}, "Running", id="running"),
        pytest.param(
            {"state": State.RUNNING, "progress": {"current": 3, "message": "photo 3 of 10"}},
            "photo 3 of 10",
            id="the step it is at",
        ),
        pytest.param({"state": State.RETRYING}, "Trying again soon", id="retrying"),
        pytest.param({"state": State.SUCCEEDED}, "Done", id="succeeded"),
        pytest.param({"state": State.CANCELLED}, "Cancelled", id="cancelled"),
        pytest.param(
            {"state": State.FAILED, "error": "The table has no rows."},
            "The table has no rows.",
            id="why it failed",
        ),
    ],
)
def test_a_job_is_told_in_words_before_any_script_runs(tab, alice, fields, words):
    job = job_of(alice, **fields)

    assert words in tab.get("/").content.decode()
    assert words in tab.get(f"/jobs/{job.pk}/").content.decode()


def test_an_empty_list_says_what_will_be_there(tab):
    assert "Nothing here yet" in tab.get("/").content.decode()


def test_another_persons_job_is_as_unknown_as_one_that_does_not_exist(tab):
    mallory = User.objects.create_user("mallory")
    theirs = job_of(mallory)

    assert tab.get(f"/jobs/{theirs.pk}/").status_code == 404
    assert tab.get("/jobs/0199a3c4-0000-7000-8000-000000000000/").status_code == 404
    assert str(theirs.pk) not in tab.get("/").content.decode()


def test_the_page_brings_its_jobs_and_the_position_that_was_taken_before_them(tab, alice):
    job = job_of(alice)
    with transaction.atomic():
        append_many([(f"user:{alice.pk}", "{}"), (f"user:{alice.pk}", "{}")])

    state = page_state(tab.get("/").content.decode())

    assert state["positions"][f"user:{alice.pk}"]["offset"] == 2
    assert [shown["id"] for shown in state["jobs"]] == [str(job.pk)]
    assert (state["api"], state["socket"]) == ("/api", "/connection/websocket")


def test_the_state_in_the_page_cannot_break_out_of_it(tab, alice):
    job_of(alice, state=State.FAILED, error="</script><script>alert(1)</script>")

    html = tab.get("/").content.decode()

    assert "<script>alert(1)" not in html
    assert escape("<script>alert(1)") in html
    assert page_state(html)["jobs"][0]["error"] == "</script><script>alert(1)</script>"


def test_the_page_loads_what_was_built_and_fetches_the_transport_beside_it(tab):
    html = tab.get("/").content.decode()

    assert '<script type="module" src="/static/bellwire/assets/site-2.js"></script>' in html
    assert '<link rel="modulepreload" href="/static/bellwire/assets/elements-1.js">' in html
    assert '<link rel="modulepreload" href="/static/bellwire/assets/transport-3.js">' in html
    assert "output-5.js" not in html


def test_a_page_without_a_build_still_shows_what_the_server_knows(tab, alice, build, caplog):
    build.unlink()
    job_of(alice, state=State.RUNNING)

    html = tab.get("/").content.decode()

    assert "Running" in html
    assert "module" not in html
    assert {record.action for record in caplog.records} == {"frontend.not_built"}


@pytest.mark.parametrize("address", ["/", "/login/", "/admin/"])
def test_a_page_may_run_only_our_own_scripts_and_is_kept_by_nobody(tab, address):
    response = tab.get(address)
    policy = response["Content-Security-Policy"]

    assert "default-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in response["Cache-Control"] or response.status_code == 302


@pytest.mark.parametrize("address", ["/", "/login/"])
def test_no_page_executes_anything_inline(tab, alice, address):
    job_of(alice)

    html = (tab if address == "/" else Client()).get(address).content.decode()

    assert not re.findall(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", html)

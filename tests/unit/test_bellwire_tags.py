"""What ``{% load bellwire %}`` offers a template of anybody's."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from realtime import assets
from tasks.states import State

JOB = UUID("0199a3c4-0000-7000-8000-000000000001")
HASHING = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


def progress_of(**fields: Any) -> str:
    job = SimpleNamespace(
        **{"pk": JOB, "state": State.RUNNING, "progress": None, "cancel_requested_at": None}
        | fields
    )
    template = Template("{% load bellwire %}{% job_progress job %}")
    return template.render(Context({"job": job})).strip()


def head_of(user: Any, **context: Any) -> str:
    request = context.pop("request", None) or RequestFactory().get("/")
    request.user = user
    position = {"bellwire": {"positions": {}}}
    template = Template("{% load bellwire %}{% bellwire_head 'site' %}")
    return template.render(Context({"request": request, **position, **context}))


def built_names() -> set[str]:
    return {path.name for path in (assets.MANIFEST.parent / "assets").iterdir()}


@pytest.fixture
def alice() -> Any:
    return SimpleNamespace(pk=1, is_authenticated=True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"state": State.QUEUED}, "Waiting", id="queued"),
        pytest.param({}, "Running", id="running"),
        pytest.param({"cancel_requested_at": 1}, "Stopping…", id="asked to stop"),
        pytest.param({"state": State.RETRYING}, "Trying again soon", id="retrying"),
        pytest.param({"state": State.SUCCEEDED}, "Done", id="succeeded"),
        pytest.param({"state": State.FAILED}, "Failed", id="failed"),
        pytest.param({"state": State.CANCELLED}, "Cancelled", id="cancelled"),
        pytest.param(
            {"progress": {"current": 1, "total": None, "message": "<b>row</b>"}},
            "Running, &lt;b&gt;row&lt;/b&gt;",
            id="at a step, as text",
        ),
        pytest.param(
            {"progress": {"current": 1234.5, "total": 5000, "message": ""}},
            'Running <progress max="5000" value="1234.5"></progress>',
            id="so far",
        ),
    ],
)
def test_a_job_is_shown_before_any_script_runs(fields, words):
    assert progress_of(**fields) == f'<job-progress job="{JOB}">{words}</job-progress>'


def test_numbers_are_those_of_html_in_every_language(settings):
    settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True

    shown = progress_of(progress={"current": 1234.5, "total": 5000})

    assert 'max="5000" value="1234.5"' in shown


@pytest.mark.skipif(not assets.MANIFEST.is_file(), reason="the front-end is not built")
class TestHead:
    def test_every_tag_has_the_nonce_of_the_page(self, alice):
        request = RequestFactory().get("/")
        request.csp_nonce = SimpleLazyObject(lambda: "a+b/c=")

        tags = re.findall(r"<(?:link|script)[^>]*>", head_of(alice, request=request))

        assert len(tags) > 3
        assert [tag for tag in tags if ' nonce="a+b/c="' not in tag] == []

    def test_a_nonce_that_is_made_when_it_is_written_is_written(self, alice):
        class Lazy:  # as Django 6 has it
            def __bool__(self) -> bool:
                return False

            def __str__(self) -> str:
                return "abc"

        assert ' nonce="abc"' in head_of(alice, csp_nonce=Lazy())

    def test_without_a_policy_of_nonces_there_is_none(self, alice):
        assert "nonce" not in head_of(alice)

    def test_nobody_in_particular_gets_styles_alone(self):
        assert re.findall("<(link|script)", head_of(AnonymousUser())) == ["link"]

    @pytest.mark.parametrize("storage", [HASHING, None])
    def test_names_are_those_by_which_scripts_import_each_other(self, alice, settings, storage):
        if storage:
            settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
        settings.STATIC_URL = "https://cdn.example.org/s/"

        addresses = re.findall(r'(?:src|href)="([^"]*)"', head_of(alice))

        base = "https://cdn.example.org/s/bellwire/assets/"
        assert len(addresses) > 2
        assert {address.removeprefix(base) for address in addresses} <= built_names()

    def test_collected_under_digests_of_djangos_each_module_is_loaded_once(
        self, alice, settings, tmp_path
    ):
        settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": HASHING}}
        settings.STATIC_URL, settings.STATIC_ROOT = "/s/", tmp_path

        call_command("collectstatic", "-v0", "--no-input", "-iadmin", "-ininja")

        for address in re.findall(r'(?:src|href)="/s/([^"]*)"', head_of(alice)):
            script = (tmp_path / address).read_text()
            for imported in re.findall(r"[\"'`]\./([\w.-]+\.js)[\"'`]", script):
                assert imported in built_names(), address
                assert (tmp_path / "bellwire/assets" / imported).is_file()

"""The wheel in a project of somebody else's, as docs/install.md and docs/testing.md have it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.acceptance.site import wait_until
from tests.browser.conftest import _QUIET, CHROMIUM
from tests.redis import running_redis
from tests.wheel.newcomer import ROOT, Newcomer, build, sources
from tests.wheel.page import steps

DOCS = ROOT / "docs"
MINUTE = 60_000


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheels")
    done = build(sources(tmp_path_factory.mktemp("sources")), target)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def newcomer(wheels: Path) -> Iterator[Newcomer]:
    """Somebody who has done all that install.md says."""
    with tempfile.TemporaryDirectory(prefix="bw-new-") as folder, running_redis() as redis:
        newcomer = Newcomer(Path(folder), wheels, redis.url)
        try:
            newcomer.follow(steps(DOCS / "install.md"))
            yield newcomer
        finally:
            newcomer.end()


def test_a_job_is_watched_to_its_end_in_a_browser(newcomer: Newcomer) -> None:
    if not CHROMIUM:
        pytest.skip("no chromium on PATH")
    wait_until(newcomer.answers, seconds=60)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://127.0.0.1:{newcomer.port}/")
        page.get_by_label("Username").fill("alice")
        page.get_by_label("Password").fill("correct-horse")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Count").click()

        shown = page.locator("job-progress")
        expect(shown).to_contain_text("number", timeout=MINUTE)
        expect(shown).to_contain_text("Done", timeout=MINUTE)

        assert errors == []
        browser.close()


def test_nothing_is_left_to_complain_of(newcomer: Newcomer) -> None:
    assert "no issues" in newcomer.run("python manage.py check")
    assert "No changes" in newcomer.run("python manage.py makemigrations --check --dry-run")
    strictly = newcomer.run("python manage.py check --deploy")
    assert "realtime." not in strictly
    assert "tasks." not in strictly


def test_their_own_tests_run_jobs_and_hear_pages(newcomer: Newcomer) -> None:
    *before, last = steps(DOCS / "testing.md")
    newcomer.follow(before)

    said = newcomer.run(f"{last.text} -p no:playwright -p no:cacheprovider")

    assert "2 passed" in said


SETTINGS = "mysite/settings.py"


FORGOTTEN = {
    "Daphne's runserver": (SETTINGS, '"daphne", ', "realtime.W008"),
    "the schedules' app": (SETTINGS, '"django_celery_beat", ', "Add ['django_celery_beat']"),
    "the app that delivers": (SETTINGS, '"realtime", ', "Add ['realtime']"),
    "which application is served": (SETTINGS, "ASGI_APPLICATION = ", "realtime.E007"),
    "the channel layer": (SETTINGS, "CHANNEL_LAYERS = ", "realtime.E002"),
    "a place for files": (SETTINGS, "JOB_FILES_ROOT = ", "tasks.E004"),
    "SQLite's transactions": (SETTINGS, 'DATABASES["default"]["OPTIONS"] = ', "realtime.W010"),
    "sockets in asgi.py": ("mysite/asgi.py", "realtime.asgi", "realtime.E007"),
    "what Celery is told": ("mysite/celery.py", "app.add_defaults(celery_defaults)", "tasks.E006"),
    "that there is a Celery": ("mysite/__init__.py", "from .celery", "tasks.E006"),
    "the API": ("mysite/urls.py", ', path("api/", api.urls)', "tasks.W007"),
}


def test_whoever_forgets_a_step_is_told_which(newcomer: Newcomer, tmp_path: Path) -> None:
    def complaint(name: str) -> str:
        path, text, _ = FORGOTTEN[name]
        copy = tmp_path / name.replace(" ", "-").replace("'", "")
        shutil.copytree(newcomer.folder, copy, ignore=shutil.ignore_patterns("*.sqlite3", "log"))
        forget(copy / path, text)
        return newcomer.run(f"cd {copy} && python manage.py check 2>&1 || true")

    with ThreadPoolExecutor(2) as two:
        said = dict(zip(FORGOTTEN, two.map(complaint, FORGOTTEN), strict=True))

    missing = {
        name: said[name] for name, (*_, wanted) in FORGOTTEN.items() if wanted not in said[name]
    }
    assert missing == {}


def forget(path: Path, text: str) -> None:
    """Leave a part of a line out, or a whole assignment or import."""
    before = path.read_text()
    assert text in before, text
    if text == "realtime.asgi":
        after = before.replace(text, "django.core.asgi")
    elif text.endswith(" = ") or text.startswith("from "):
        after = "\n".join(line for line in before.splitlines() if not line.startswith(text))
    else:
        after = before.replace(text, "")
    path.write_text(after.replace('__all__ = ["celery_app"]', ""))

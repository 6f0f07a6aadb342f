"""The wheel in a project of somebody else's, as docs/install.md and docs/testing.md have it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.acceptance.site import wait_until
from tests.browser.axe import WCAG, assert_nobody_is_shut_out
from tests.browser.conftest import _QUIET, CHROMIUM
from tests.redis import running_redis
from tests.wheel.newcomer import ROOT, Newcomer, build, sources
from tests.wheel.page import steps

# Half a minute, and half of that is passwords, migrations and pip; a machine may be busy.
pytestmark = pytest.mark.timeout(400)

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
    """Somebody who has done all that install.md says, but for opening terminals."""
    with tempfile.TemporaryDirectory(prefix="bw-new-") as folder, running_redis() as redis:
        newcomer = Newcomer(Path(folder), wheels, redis.url)
        newcomer.follow(step for step in steps(DOCS / "install.md") if step.verb != "start")
        yield newcomer


@pytest.fixture
def served(newcomer: Newcomer) -> Iterator[Newcomer]:
    """The same, with what install.md starts in terminals."""
    try:
        newcomer.follow(step for step in steps(DOCS / "install.md") if step.verb == "start")
        wait_until(newcomer.answers, seconds=60)
        yield newcomer
    finally:
        newcomer.end()


def test_a_job_is_watched_to_its_end_in_a_browser(served: Newcomer) -> None:
    if not CHROMIUM:
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.get_by_label("Username").fill("alice")
        page.get_by_label("Password").fill("correct-horse")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Count").click()

        shown = page.locator("job-progress")
        expect(shown).to_contain_text("number", timeout=MINUTE)
        expect(shown).to_contain_text("Done", timeout=MINUTE)

        assert errors == []
        write_in_all_colours(page)
        assert_nobody_is_shut_out(page, *WCAG)
        browser.close()


def write_in_all_colours(page: Page) -> None:
    """Follow the reader's scheme, and have a text in each colour that elements write in."""
    # axe takes a page that is not painted for a white one.
    page.evaluate("document.documentElement.style = 'color-scheme: light dark; background: Canvas'")
    page.locator("job-progress").evaluate(_WRITE)


_WRITE = """element => {
  for (const look of ["ink", "muted", "accent", "good", "warn", "bad", "on-accent"]) {
    const text = element.shadowRoot.appendChild(document.createElement("p"))
    text.textContent = `Written in ${look}`
    text.style.color = `var(--${look})`
    text.style.background = look === "on-accent" ? "var(--accent)" : "var(--sunken)"
  }
}"""


def test_nothing_is_left_to_complain_of(newcomer: Newcomer) -> None:
    assert "no issues" in newcomer.run("python manage.py check")
    assert "No changes" in newcomer.run("python manage.py makemigrations --check --dry-run")
    strictly = newcomer.run("python manage.py check --deploy")
    assert "realtime." not in strictly
    assert "tasks." not in strictly


def test_their_own_tests_run_jobs_hear_pages_and_have_a_worker(newcomer: Newcomer) -> None:
    *before, last = steps(DOCS / "testing.md")
    newcomer.follow(before)

    said = newcomer.run(f"{last.text} -p no:playwright -p no:cacheprovider", seconds=180)

    assert "3 passed" in said


SETTINGS = "mysite/settings.py"


#: What is left out together, since each is complained of by itself: where, what, the complaint.
FORGOTTEN = {
    "the schedules' app": [(SETTINGS, '"django_celery_beat", ', "Add ['django_celery_beat']")],
    "the app that delivers": [(SETTINGS, '"realtime", ', "Add ['realtime']")],
    "that there are ASGI and Celery": [
        (SETTINGS, "ASGI_APPLICATION = ", "ASGI_APPLICATION leads nowhere"),
        ("mysite/__init__.py", "from .celery", "tasks.E006"),
    ],
    "all else": [
        (SETTINGS, '"daphne", ', "realtime.W008"),
        (SETTINGS, "CHANNEL_LAYERS = ", "realtime.E002"),
        (SETTINGS, "JOB_FILES_ROOT = ", "tasks.E004"),
        (SETTINGS, 'DATABASES["default"]["OPTIONS"] = ', "realtime.W010"),
        ("mysite/asgi.py", "realtime.asgi", "The ASGI application takes no WebSockets"),
        ("mysite/celery.py", "app.add_defaults(celery_defaults)", "tasks.E006"),
        ("mysite/urls.py", ', path("api/", api.urls)', "tasks.W007"),
    ],
}


@pytest.mark.parametrize("omissions", FORGOTTEN.values(), ids=FORGOTTEN)
def test_whoever_forgets_a_step_is_told_which(
    newcomer: Newcomer, tmp_path: Path, omissions: list[tuple[str, str, str]]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(newcomer.folder, copy, ignore=shutil.ignore_patterns("*.sqlite3", "log"))
    for path, text, _ in omissions:
        forget(copy / path, text)

    said = newcomer.run(f"cd {copy} && python manage.py check 2>&1 || true")

    assert [complaint for _, _, complaint in omissions if complaint not in said] == [], said


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

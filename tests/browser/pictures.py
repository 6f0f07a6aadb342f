"""The pictures of README and docs/screens.md, of what runs: ``make pictures``.

Every screen in light and dark, wide and on a phone; the first also in German and from right to
left. Of what matters all is shown, also where it is longer than a screen. They are made anew by
hand, when screens have changed.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.site import PASSWORD, Person, Site, running_site, wait_until

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1280, 860), "phone": (360, 780)}
#: What is longer than a screen, and shown to its end.
WHOLE = re.compile("(job|operations)-.*-wide|home-.*-phone")
#: Takes pictures of one look: the page, who has the jobs, those that ended well, the look's name.
Take = Callable[[Page, Person, Mapping[str, str], str], None]
#: Ten seconds' work: long enough to be seen running.
ROWS = 5_000_000


def main() -> None:
    """Run a platform with something to see, and take all pictures of it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bw-")))
        site = stack.enter_context(running_site(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        stack.callback(browser.close)
        _make_staff(site, "bob")
        alice = Person(site, "alice")
        jobs = _work(alice)
        _take_all(_take_alices, browser, alice, jobs)
        _take_languages(browser, site)
        with _page(browser, "light", "wide") as watched:
            _make_busy(watched, alice)
            _take_all(_take_operations, browser, alice, jobs)


def _make_staff(site: Site, name: str) -> None:
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database, database:
        database.execute(
            "UPDATE auth_user SET is_staff = 1, is_superuser = 1 WHERE username = ?", [name]
        )


def _work(alice: Person) -> dict[str, str]:
    """Have jobs that ended in each way, the failed one last; give those that ended well."""
    done = {}
    for kind in ("mail", "images", "reports"):
        arguments = alice.request("POST", f"/api/samples/{kind}", {})[1]["arguments"]
        done[kind] = str(alice.start(kind, **arguments)["id"])
    photo = alice.upload("photo.csv", bytes(range(256)), "text/csv")
    for job_id in (*done.values(), str(alice.start("reports", file=photo)["id"])):
        wait_until(lambda job_id=job_id: _has_ended(alice, job_id), 120)
    return done


def _has_ended(person: Person, job_id: str) -> bool:
    return bool(person.request("GET", f"/api/jobs/{job_id}")[1]["finished_at"])


def _make_busy(page: Page, alice: Person) -> None:
    """Have half a minute's events on a page that tells when it showed them."""
    _log_in(page, alice.site, "alice")
    arguments = alice.request("POST", "/api/samples/mail", {})[1]["arguments"]
    for _ in range(24):
        alice.start("mail", **arguments)
        page.wait_for_timeout(1_200)


def _take_all(take: Take, browser: Browser, alice: Person, jobs: Mapping[str, str]) -> None:
    for scheme, size in product(SCHEMES, SIZES):
        with _page(browser, scheme, size) as page:
            take(page, alice, jobs, f"{scheme}-{size}")


def _take_alices(page: Page, alice: Person, jobs: Mapping[str, str], name: str) -> None:
    site = alice.site
    _log_in(page, site, "alice", f"login-{name}")
    with _a_long_one(alice):
        bar = page.locator("job-progress progress").first
        wait_until(lambda: float(bar.get_attribute("value") or 0) > 0.1, 60)
        _shoot(page, f"home-{name}")
    page.get_by_role("button", name="Notifications").click()
    page.get_by_role("dialog").get_by_role("article").first.wait_for()
    _shoot(page, f"bell-{name}")
    for path, screen in (
        (f"/jobs/{jobs['reports']}/", "job"),
        (f"/jobs/{jobs['mail']}/repeat/", "repeat"),
        ("/inbox/", "inbox"),
        ("/inbox/preferences/", "preferences"),
    ):
        _open(page, site, path)
        _shoot(page, f"{screen}-{name}")


def _take_operations(page: Page, alice: Person, _jobs: Mapping[str, str], name: str) -> None:
    """Last, for its charts are of the minutes that have passed."""
    _log_in(page, alice.site, "bob")
    with _a_long_one(alice):
        _open(page, alice.site, "/operations/")
        page.wait_for_timeout(2_500)  # until every process has told of it
        _shoot(page, f"operations-{name}")


@contextmanager
def _a_long_one(alice: Person) -> Iterator[None]:
    """Have a job that runs, and leaves nothing behind in later pictures."""
    lines = "".join(f"{n},{n * 7 % 1000},{'north' if n % 3 else 'south'}\n" for n in range(ROWS))
    file = alice.upload("orders.csv", f"number,amount,region\n{lines}".encode(), "text/csv")
    job_id = str(alice.start("reports", file=file)["id"])
    yield
    alice.request("POST", f"/api/jobs/{job_id}/cancel", {})
    wait_until(lambda: _has_ended(alice, job_id), 60)
    status, _ = alice.request("DELETE", f"/api/jobs/{job_id}")
    assert status == 204, status


def _take_languages(browser: Browser, site: Site) -> None:
    with _page(browser, "light", "wide") as page:
        _log_in(page, site, "alice")
        page.evaluate("document.documentElement.dir = 'rtl'")
        _shoot(page, "home-right-to-left")
        page.evaluate("document.documentElement.dir = 'ltr'")
        page.get_by_label("Language").select_option("de")
        page.get_by_role("button", name="Change").click()
        page.get_by_text("Ihre Aufträge").first.wait_for()
        _shoot(page, "home-german")


@contextmanager
def _page(browser: Browser, scheme: str, size: str) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]  # one of SCHEMES
        viewport={"width": width, "height": height},
    )
    yield context.new_page()
    context.close()


def _log_in(page: Page, site: Site, name: str, picture: str = "") -> None:
    page.goto(f"{site.origin}/login/")
    if picture:
        _shoot(page, picture)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Live", exact=True).wait_for(timeout=30_000)


def _open(page: Page, site: Site, path: str) -> None:
    page.goto(site.origin + path)
    page.get_by_text("Live", exact=True).wait_for(timeout=30_000)


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(1_500)  # until what moves has moved
    whole = bool(WHOLE.match(name))
    picture = Image.open(BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())

"""The pictures of README and docs/screens.md, of what runs: ``make pictures``.

Every screen in light and dark, wide and on a phone; the first also in German and from right to
left. They are made anew by hand, when screens have changed.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.site import PASSWORD, Person, Site, running_site, wait_until

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1280, 860), "phone": (360, 780)}
#: Ten seconds' work: long enough to be seen running on two pages.
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
        done = _work(alice)
        for scheme in SCHEMES:
            for size in SIZES:
                _take_all(browser, site, alice, done, scheme, size)
        _take_languages(browser, site)


def _make_staff(site: Site, name: str) -> None:
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database, database:
        database.execute(
            "UPDATE auth_user SET is_staff = 1, is_superuser = 1 WHERE username = ?", [name]
        )


def _work(alice: Person) -> str:
    """Have jobs that ended in each way; give the one whose page is shown."""
    failed = alice.start("reports", file=alice.upload("photo.csv", bytes(range(256)), "text/csv"))
    shown = {}
    for kind in ("mail", "images", "reports"):
        arguments = alice.request("POST", f"/api/samples/{kind}", {})[1]["arguments"]
        shown[kind] = alice.start(kind, **arguments)["id"]
    for job_id in (failed["id"], *shown.values()):
        wait_until(lambda job_id=job_id: _has_ended(alice, job_id), 120)
    return str(shown["reports"])


def _has_ended(person: Person, job_id: str) -> bool:
    return bool(person.request("GET", f"/api/jobs/{job_id}")[1]["finished_at"])


def _take_all(
    browser: Browser, site: Site, alice: Person, done: str, scheme: str, size: str
) -> None:
    name = f"{scheme}-{size}"
    page, staff = _page(browser, scheme, size), _page(browser, scheme, size)
    _log_in(staff, site, "bob")
    _open(staff, site, "/operations/")
    _log_in(page, site, "alice", f"login-{name}")
    running = _start_a_long_one(alice)
    page.locator("job-progress [part=message]").first.wait_for(timeout=60_000)
    _shoot(page, f"home-{name}")
    staff.wait_for_timeout(2_500)  # until every process has told of it
    _shoot(staff, f"operations-{name}")
    alice.request("POST", f"/api/jobs/{running}/cancel", {})
    wait_until(lambda: _has_ended(alice, running), 60)
    for path, screen in (
        (f"/jobs/{done}/", "job"),
        ("/inbox/", "inbox"),
        ("/inbox/preferences/", "preferences"),
    ):
        _open(page, site, path)
        _shoot(page, f"{screen}-{name}")
    for each in (page, staff):
        each.context.close()


def _start_a_long_one(alice: Person) -> str:
    lines = "".join(f"{n},{n * 7 % 1000},{'north' if n % 3 else 'south'}\n" for n in range(ROWS))
    file = alice.upload("orders.csv", f"number,amount,region\n{lines}".encode(), "text/csv")
    return str(alice.start("reports", file=file)["id"])


def _take_languages(browser: Browser, site: Site) -> None:
    page = _page(browser, "light", "wide")
    _log_in(page, site, "alice")
    page.evaluate("document.documentElement.dir = 'rtl'")
    _shoot(page, "home-right-to-left")
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Change").click()
    page.get_by_text("Ihre Aufträge").first.wait_for()
    _shoot(page, "home-german")


def _page(browser: Browser, scheme: str, size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]  # one of SCHEMES
        viewport={"width": width, "height": height},
    )
    return context.new_page()


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
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())

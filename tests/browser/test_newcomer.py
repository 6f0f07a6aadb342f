"""Somebody who has never seen it finds their way by what is written on the pages alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.acceptance.site import PASSWORD, Site
from tests.browser.tab import Tab

SECONDS = 60_000  # a loaded machine may take its time
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


class Newcomer:
    """A person who knows words, and the roles that things have on a page."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.page = tab, tab.page

    def come_in(self) -> None:
        self.tab.open("/")
        self.page.get_by_label("Name").fill("alice")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("heading", name="Start a job")).to_be_visible()
        self.tab.is_live()

    def choose(self, kind: str) -> None:
        self.page.get_by_role("group", name="What to start").get_by_text(kind).click()

    def start_sample(self, kind: str) -> None:
        self.choose(kind)
        self.page.get_by_role("button", name="Use a sample").click()
        expect(self.page.get_by_text(f"{kind} started.")).to_be_visible(timeout=SECONDS)

    def start_on(self, file: Path) -> None:
        self.choose("Report")
        with self.page.expect_file_chooser() as chosen:
            self.page.get_by_text("Choose a CSV file").click()
        chosen.value.set_files(file)
        self.page.get_by_role("button", name="Start", exact=True).click()
        expect(self.page.get_by_text("Report started.")).to_be_visible(timeout=SECONDS)

    def newest(self, kind: str) -> Locator:
        jobs = self.page.get_by_role("region", name="Your jobs")
        return jobs.get_by_role("article", name=kind).first


def test_a_newcomer_finds_their_way(browser: Browser, site: Site, tmp_path: Path) -> None:
    tab = Tab(browser.new_context().new_page(), site)
    newcomer, page = Newcomer(tab), tab.page
    newcomer.come_in()

    start_each_and_see_it_done(newcomer)
    read_the_inbox(newcomer)
    open_a_job_and_repeat_it(newcomer)
    stop_a_job(newcomer, _long_table(tmp_path))
    understand_why_a_job_failed(newcomer, tmp_path)

    page.context.close()
    tab.was_clean()


def start_each_and_see_it_done(newcomer: Newcomer) -> None:
    for kind in ("Report", "Pictures", "Mailing"):
        newcomer.start_sample(kind)
    for kind in ("Report", "Pictures", "Mailing"):
        expect(newcomer.newest(kind)).to_contain_text("Done", timeout=SECONDS)


def read_the_inbox(newcomer: Newcomer) -> None:
    page = newcomer.page
    page.get_by_role("button", name=re.compile(r"^Notifications, \d+ new$")).click()
    inbox = page.get_by_role("dialog", name="Notifications")
    for kind in ("Report", "Pictures", "Mailing"):
        expect(inbox.get_by_text(re.compile(f"{kind}: done")).first).to_be_visible()
    inbox.get_by_role("button", name="Mark all read").click()
    expect(inbox.get_by_text("All read", exact=True)).to_be_visible()
    inbox.get_by_role("tab", name="Unread").click()
    expect(inbox.get_by_text("You have read everything.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(inbox).to_be_hidden()


def open_a_job_and_repeat_it(newcomer: Newcomer) -> None:
    page = newcomer.page
    newcomer.newest("Report").get_by_role("link", name="Report", exact=True).click()
    output = page.get_by_role("region", name="Lines of the output")
    expect(output.get_by_role("listitem").first).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="Repeat").click()
    page.get_by_role("link", name="Queued once more").click()
    expect(page.get_by_role("article", name="Report")).to_contain_text("Done", timeout=SECONDS)
    page.get_by_role("link", name="All jobs").click()


def stop_a_job(newcomer: Newcomer, table: Path) -> None:
    newcomer.start_on(table)
    job = newcomer.newest("Report")
    expect(job).to_contain_text("Running", timeout=SECONDS)
    job.get_by_role("button", name="Stop this job").click()
    expect(job).to_contain_text("Cancelled", timeout=SECONDS)


def understand_why_a_job_failed(newcomer: Newcomer, folder: Path) -> None:
    picture = folder / "picture.csv"
    picture.write_bytes(PICTURE)
    newcomer.start_on(picture)
    job = newcomer.newest("Report")
    expect(job).to_contain_text("Failed", timeout=SECONDS)
    job.get_by_role("link", name="Report", exact=True).click()
    said = newcomer.page.get_by_role("article")
    expect(said).to_contain_text("This file is not a text in UTF-8")
    expect(newcomer.page.get_by_role("button", name="Repeat")).to_be_visible()


def _long_table(folder: Path) -> Path:
    """Write a table that takes longer to read than a person takes to stop it."""
    path = folder / "places.csv"
    path.write_text("place,height\n" + "Somewhere or other,1234\n" * 1_500_000)
    return path

"""The list and a job's page, as somebody uses them."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, StorageState, expect

from tests.acceptance.site import Site, wait_until
from tests.browser.tab import Tab

SECONDS = 60_000  # a loaded machine may take its time


def start_sample(tab: Tab, kind: str) -> None:
    tab.choose(kind)
    tab.page.get_by_role("button", name="Use a sample").click()


def test_the_list_shows_what_its_address_asks_for_also_after_going_back(alice: Tab) -> None:
    start_sample(alice, "Mailing")
    expect(alice.newest()).to_contain_text("Done", timeout=SECONDS)
    alice.page.get_by_role("link", name="Failed", exact=True).click()
    expect(alice.page).to_have_url(re.compile(r"\?state=failed$"))
    expect(alice.page.locator("job-list job-card", has_text="Mailing")).to_have_count(0)

    alice.page.go_back()
    expect(alice.newest()).to_contain_text("Mailing")
    alice.page.get_by_role("searchbox").fill("no such words")
    expect(alice.page.get_by_text("No job of yours is like this.")).to_be_visible(timeout=SECONDS)


def test_a_jobs_page_tells_what_it_says_and_what_happened(alice: Tab) -> None:
    start_sample(alice, "Report")
    expect(alice.newest().locator("h3")).to_have_text("Report", timeout=SECONDS)
    alice.newest().locator("h3 a").click()

    expect(alice.page.locator("job-timeline li.succeeded")).to_be_visible(timeout=SECONDS)
    said = alice.page.locator("job-output li .text")
    expect(said.last).to_be_visible(timeout=SECONDS)
    alice.page.get_by_label("Search the output").fill("rows")
    expect(alice.page.locator("job-output mark").first).to_be_visible()
    alice.page.locator("job-output li > a").first.click()
    expect(alice.page).to_have_url(re.compile("#L1$"))
    expect(alice.page.locator("job-output li.target")).to_have_count(1)


def test_without_scripts_a_job_is_started_seen_and_repeated(
    browser: Browser, signed_in: StorageState, site: Site
) -> None:
    context = browser.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.origin}/")
    page.get_by_text("Mailing").first.click()
    page.locator("[action='/start/mail/'] [name=sample]").click()
    # Reloading a page that is on its way to another is an error.
    expect(page).to_have_url(re.compile("/jobs/.+/$"), timeout=SECONDS)

    first = page.url
    wait_until(lambda: page.reload() and page.get_by_text("Done").count() > 0, seconds=60)
    page.get_by_role("button", name="Repeat").click()
    assert page.url != first
    expect(page.get_by_role("heading", name="Mailing")).to_be_visible()
    context.close()

"""The pages themselves: for everybody, on every screen, with and without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, StorageState, expect

from tests.acceptance.site import PASSWORD, Person, Site, wait_until
from tests.browser.axe import assert_nobody_is_shut_out
from tests.browser.shell import shell_of
from tests.browser.tab import Tab


@pytest.mark.parametrize("kind", ["Report", "Pictures", "Mailing"])
def test_nobody_is_shut_out_of_the_page_or_of_a_result(alice: Tab, kind: str) -> None:
    alice.choose(kind)
    alice.page.get_by_role("button", name="Use a sample").click()
    expect(alice.newest().locator(".result")).to_be_visible(timeout=60_000)
    assert_nobody_is_shut_out(alice.page)

    alice.newest().locator("h3 a").click()
    expect(alice.page.locator(".result")).to_be_visible(timeout=60_000)
    assert_nobody_is_shut_out(alice.page)


def test_nobody_is_shut_out_at_the_door(browser: Browser, site: Site) -> None:
    tab = Tab(browser.new_page(), site)
    tab.open("/login/")

    assert_nobody_is_shut_out(tab.page)


@pytest.mark.parametrize("path", ["/", "/login/"])
def test_a_phone_needs_no_scrolling_sideways(alice: Tab, path: str) -> None:
    alice.page.set_viewport_size({"width": 360, "height": 740})
    alice.open(path)

    assert alice.page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_scripts_one_can_log_in_and_read_how_jobs_are(
    alice: Tab, browser: Browser, site: Site
) -> None:
    alice.choose("Mailing")
    alice.page.get_by_role("button", name="Use a sample").click()
    expect(alice.newest()).to_contain_text("Done", timeout=60_000)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.origin}/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.locator("job-list article").first).to_contain_text("Done")
    page.locator("job-list article a").first.click()
    expect(page.get_by_role("heading", name="Mailing")).to_be_visible()


def test_without_scripts_a_job_is_stopped_and_found_by_its_state(
    browser: Browser, signed_in: StorageState, site: Site, tmp_path: Path
) -> None:
    job = Person(site, "alice").start("wait_for", path=str(tmp_path / "never"))["id"]
    context = browser.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.origin}/jobs/{job}/")
    page.get_by_role("button", name="Stop this job").click()
    wait_until(lambda: page.reload() and page.get_by_role("button", name="Repeat").count(), 60)

    page.get_by_role("link", name="All jobs").click()
    page.get_by_role("link", name="Cancelled", exact=True).click()
    newest = page.get_by_role("article").first
    expect(newest).to_contain_text("Cancelled")
    expect(newest.get_by_role("link")).to_have_attribute("href", f"/jobs/{job}/")
    context.close()


def test_what_is_new_shows_in_the_tabs_title_and_icon_until_it_is_read(
    alice: Tab, site: Site
) -> None:
    elsewhere, icon = Person(site, "alice"), alice.page.locator("link[rel=icon]")
    read_all = ("POST", "/api/notifications/mark", {"as": "read", "all": True})
    elsewhere.request(*read_all)
    expect(alice.page).to_have_title(re.compile("^Jobs "))
    expect(icon).to_have_attribute("href", re.compile("/icon[^-]*$"))

    with shell_of(site) as shell:
        shell.do("notify(User.objects.get(username='alice'), 'You there?')")
    expect(alice.page).to_have_title(re.compile(r"^\(1\) Jobs "))
    expect(icon).to_have_attribute("href", re.compile("/icon-new"))

    elsewhere.request(*read_all)
    expect(alice.page).to_have_title(re.compile("^Jobs "))
    expect(icon).to_have_attribute("href", re.compile("/icon[^-]*$"))


def test_a_page_may_style_the_parts_of_the_line(alice: Tab) -> None:
    alice.style(_RULES)
    parts = alice.page.locator("connection-status [part]")
    assert colours(parts) == {"dot": "rgb(1, 2, 3)", "text": "rgb(4, 5, 6)"}

    alice.cut()
    expect(parts).to_have_count(4)
    assert colours(parts) == {
        "dot": "rgb(1, 2, 3)",
        "text": "rgb(4, 5, 6)",
        "wait": "rgb(7, 8, 9)",
        "action": "rgb(10, 11, 12)",
    }


def colours(parts: Locator) -> dict[str, str]:
    """Tell what each part is drawn in: the dot's ground, the others' text."""
    return dict(parts.evaluate_all(_COLOURS))


_RULES = """
connection-status::part(dot) { background: rgb(1, 2, 3) }
connection-status::part(text) { color: rgb(4, 5, 6) }
connection-status::part(wait) { color: rgb(7, 8, 9) }
connection-status::part(action) { color: rgb(10, 11, 12) }
"""
_COLOURS = """parts => parts.map(each => {
  const { color, backgroundColor } = getComputedStyle(each)
  return [each.part.value, each.part.contains("dot") ? backgroundColor : color]
})"""


def test_the_policy_stops_an_inline_script(alice: Tab) -> None:
    alice.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " { textContent: 'window.wasRun = true' }))"
    )

    assert alice.page.evaluate("window.wasRun") is None
    assert "Content Security Policy" in alice.errors.pop()


def test_the_apis_page_works_offline_under_the_policy(alice: Tab) -> None:
    alice.open("/api/docs")

    expect(alice.page.get_by_text("/api/jobs/{job_id}/cancel")).to_be_visible(timeout=30_000)

"""Nobody is shut out: whatever they see, however wide their screen, with keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.acceptance.site import Person, Site, wait_until
from tests.browser import axe
from tests.browser.tab import Tab

pytestmark = pytest.mark.slow

SECONDS = 60_000  # a loaded machine may take its time
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
_FOCUSED = """() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const name = element?.getAttribute("aria-label") ?? element?.textContent ?? ""
  return name.trim().replace(/\\s+/g, " ")
}"""


@pytest.fixture(scope="module")
def running_job(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Alice's jobs are in each state that stays; this one runs until the tests are over."""
    alice, end = Person(site, "alice"), tmp_path_factory.mktemp("jobs") / "end"
    for kind in ("nothing", "refuse"):
        alice.start(kind)
    stopped = alice.start("wait_for", path=str(end))["id"]
    alice.request("POST", f"/api/jobs/{stopped}/cancel", {})
    told = {"said": "halfway there", "path": str(end), "fails": False}
    running = alice.start("parrot", **told)["id"]
    alice.start("wait_for", path=str(end))
    wait_until(lambda: alice.request("GET", f"/api/jobs/{running}")[1]["progress"], 30)
    yield running
    end.touch()


def assert_it_fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide == page.viewport_size["width"], page.url  # type: ignore[index]  # it is set


def assert_nobody_is_shut_out(tab: Tab) -> None:
    """In light, dark and forced colours, on a phone, in both directions of writing."""
    axe.assert_nobody_is_shut_out(tab.page)
    tab.page.emulate_media(color_scheme="light", forced_colors="active", reduced_motion="reduce")
    assert axe.violations(tab.page) == [], (tab.page.url, "forced colours")
    tab.page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a literal's type is wider
    assert_it_fits(tab.page)
    tab.page.evaluate("document.documentElement.dir = 'rtl'")
    assert_it_fits(tab.page)
    tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
    assert_it_fits(tab.page)
    tab.page.emulate_media(forced_colors="none", reduced_motion="no-preference")


@pytest.mark.parametrize("path", ["/", "/jobs/{job}/", "/inbox/", "/inbox/preferences/"])
def test_nobody_is_shut_out_of_a_page(alice: Tab, running_job: str, path: str) -> None:
    alice.open(path.format(job=running_job))
    alice.is_live()
    alice.page.wait_for_load_state("networkidle")

    assert_nobody_is_shut_out(alice)


def test_nobody_is_shut_out_of_the_open_inbox(alice: Tab, running_job: str) -> None:
    assert running_job
    alice.page.get_by_role("button", name=re.compile("^Notifications")).click()
    expect(alice.page.get_by_role("dialog").get_by_role("article").first).to_be_visible()

    assert_nobody_is_shut_out(alice)


def test_nobody_is_shut_out_of_the_operations(bob: Tab) -> None:
    bob.open("/operations/")
    bob.is_live()
    bob.page.wait_for_load_state("networkidle")

    assert_nobody_is_shut_out(bob)


def test_nobody_is_shut_out_where_nothing_is(
    browser: Browser, signed_in: StorageState, site: Site
) -> None:
    context = browser.new_context(storage_state=signed_in)
    tab = Tab(context.new_page(), site)
    tab.open("/nowhere/")
    expect(tab.page.get_by_role("heading", name="There is nothing here")).to_be_visible()

    assert_nobody_is_shut_out(tab)
    context.close()


@pytest.fixture
def visitor(browser: Browser, signed_in: StorageState, site: Site) -> Iterator[Tab]:
    """A tab of Alice's whose console may speak of pages that are refused."""
    context = browser.new_context(storage_state=signed_in)
    yield Tab(context.new_page(), site)
    context.close()


def ended_job(site: Site, kind: str, **arguments: Any) -> str:
    alice = Person(site, "alice")
    job = str(alice.start(kind, **arguments)["id"])
    wait_until(lambda: alice.request("GET", f"/api/jobs/{job}")[1]["finished_at"], 60)
    return job


def test_nobody_is_shut_out_where_arguments_are_changed_or_of_what_is_wrong_with_one(
    visitor: Tab, site: Site
) -> None:
    letter = {"subject": "Lunch", "body": "At one.", "recipients": ["bob@example.org"]}
    visitor.open(f"/jobs/{ended_job(site, 'mail', **letter)}/repeat/")
    assert_nobody_is_shut_out(visitor)
    visitor.page.get_by_label("Recipients").fill("nobody")
    visitor.page.get_by_role("button", name="Start").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()

    assert_nobody_is_shut_out(visitor)


def test_nobody_is_shut_out_where_arguments_are_json(visitor: Tab, site: Site) -> None:
    # No field of a form gives back such an end of a line.
    job = Person(site, "alice").start("echo", word="one\r\ntwo")["id"]
    visitor.open(f"/jobs/{job}/repeat/")
    arguments = visitor.page.get_by_label("Arguments, as JSON")
    expect(arguments).to_be_visible()
    assert_nobody_is_shut_out(visitor)
    arguments.fill("{")
    visitor.page.get_by_role("button", name="Start").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()

    assert_nobody_is_shut_out(visitor)


def test_nobody_is_shut_out_without_scripts_or_of_a_form_that_was_sent_wrong(visitor: Tab) -> None:
    # They are kept away, not switched off: axe is one.
    visitor.page.route("**/*.js", lambda route: route.abort())
    visitor.open("/")
    visitor.page.get_by_text("Mailing").first.click()
    assert_nobody_is_shut_out(visitor)
    visitor.page.locator("[action='/start/mail/'] button.main").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()

    assert_nobody_is_shut_out(visitor)


@pytest.mark.parametrize("template", ["500.html", "503.html"])
def test_nobody_is_shut_out_of_a_page_that_could_not_be_made(visitor: Tab, template: str) -> None:
    visitor.page.set_content(render_to_string(template))
    # axe takes a page that is not painted for a white one.
    visitor.page.evaluate("document.documentElement.style.background = 'Canvas'")

    assert_nobody_is_shut_out(visitor)


def test_nobody_is_shut_out_of_a_report_that_was_downloaded(visitor: Tab, site: Site) -> None:
    alice = Person(site, "alice")
    file = alice.upload("towns.csv", b"town,people\nYork,153\nBath,94\n", "text/csv")
    job = ended_job(site, "reports", file=file)
    link = alice.request("GET", f"/api/jobs/{job}")[1]["result"]["page"]["url"]
    visitor.page.set_content(alice.request("GET", link)[1].decode())

    assert_nobody_is_shut_out(visitor)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if re.match(name, page.evaluate(_FOCUSED)):
            return
    raise AssertionError(f"Tab never comes to {name}")


def test_the_inbox_is_opened_used_and_left_with_keys(alice: Tab, running_job: str) -> None:
    page = alice.page
    assert running_job
    tab_to(page, "Notifications")
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Notifications")
    expect(panel.get_by_role("article").first).to_be_visible()
    tab_to(page, "Inbox")
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="Unread")).to_be_focused()

    page.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Notifications"))).to_be_focused()


def test_the_list_is_filtered_with_keys(alice: Tab, running_job: str) -> None:
    page = alice.page
    assert running_job
    tab_to(page, "Failed$")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("state=failed"))
    expect(alice.newest()).to_contain_text("Failed", timeout=SECONDS)

    assert page.evaluate(_FOCUSED) == "Failed"


def test_a_job_is_stopped_with_keys(alice: Tab, site: Site, tmp_path: Path) -> None:
    job = Person(site, "alice").start("wait_for", path=str(tmp_path / "never"))["id"]
    alice.open(f"/jobs/{job}/")
    tab_to(alice.page, "Stop this job")
    alice.page.keyboard.press("Enter")

    expect(alice.page.get_by_role("article")).to_contain_text("Cancelled", timeout=SECONDS)
    tab_to(alice.page, "Repeat")


def test_the_skip_link_leads_past_the_top(alice: Tab) -> None:
    alice.page.keyboard.press("Tab")
    assert alice.page.evaluate(_FOCUSED) == "Skip to the content"
    alice.page.keyboard.press("Enter")

    assert alice.page.evaluate("location.hash") == "#main"

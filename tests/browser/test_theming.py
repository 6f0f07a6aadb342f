"""A site's own style reaches into the elements by the parts that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.acceptance.site import Site
from tests.browser.shell import Shell, shell_of
from tests.browser.tab import Tab

pytestmark = pytest.mark.slow

PINK = "rgb(255, 0, 128)"
OF_INBOX = ["bar", "tab", "current", "card", "new", "success", "title", "body", "time", "actions"]


@pytest.fixture
def told(site: Site) -> Iterator[Shell]:
    """Alice has been told one thing, which she has not read."""
    with shell_of(site) as shell:
        shell.do("from realtime.inbox import mark_all")
        shell.do("alice = User.objects.get(username='alice')")
        shell.do("mark_all(alice, 'archived')")
        shell.do("notify(alice, 'Paint me', body='Pink.', severity='success')")
        yield shell
        shell.do("mark_all(alice, 'archived')")


def are_pink(tab: Tab, element: str, *parts: str) -> None:
    """Have the site paint parts of an element, one after the other; see that each is painted."""
    for part in parts:
        painted = tab.page.locator(f"{element} [part~={part}]").first
        expect(painted).to_be_attached()
        expect(painted).not_to_have_css("background-color", PINK)
        tab.style(f"{element}::part({part}) {{ background-color: {PINK} }}")
        expect(painted).to_have_css("background-color", PINK)
        tab.page.evaluate("document.adoptedStyleSheets = []")


@pytest.mark.parametrize(
    ("element", "address"),
    [
        pytest.param("notification-inbox", "/inbox/", id="of an inbox in the page"),
        pytest.param("notification-bell", "/", id="of the one under the bell"),
    ],
)
def test_each_part_of_an_inbox_takes_a_sites_style(
    alice: Tab, told: Shell, element: str, address: str
) -> None:
    alice.open(address)
    alice.is_live()
    if element == "notification-bell":
        alice.page.get_by_role("button", name=re.compile("^Notifications")).click()

    are_pink(alice, element, *OF_INBOX)


def test_each_part_of_the_bell_takes_a_sites_style(alice: Tab, told: Shell) -> None:
    bell = alice.page.get_by_role("button", name="Notifications, 1 new")
    expect(bell).to_be_visible()
    are_pink(alice, "notification-bell", "button", "badge")
    bell.click()

    are_pink(alice, "notification-bell", "panel")


def test_each_part_of_a_toast_takes_a_sites_style(alice: Tab) -> None:
    detail = "{title: 'Paint me', body: 'Pink.', severity: 'error'}"
    alice.page.evaluate(f"dispatchEvent(new CustomEvent('bellwire:toast', {{detail: {detail}}}))")
    expect(alice.page.get_by_role("button", name="Close")).to_be_visible()

    are_pink(alice, "toast-region", "toast", "error", "title", "body", "close")

"""What an element is made of comes with the first one on the page, when the line lets it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Route, StorageState, expect

from tests.acceptance.site import Site
from tests.browser.tab import Tab


def test_a_part_that_could_not_be_loaded_comes_later(
    browser: Browser, signed_in: StorageState, site: Site
) -> None:
    context = browser.new_context(storage_state=signed_in)
    tab, let_through = Tab(context.new_page(), site), list[bool]()

    def pass_on(route: Route) -> None:
        route.continue_() if let_through else route.abort()

    tab.page.route(re.compile("/(job-list|notification-inbox)-"), pass_on)
    tab.open("/")
    tab.is_live()
    tab.page.get_by_role("button", name=re.compile("^Notifications")).click()
    expect(tab.page.get_by_role("alert")).to_contain_text("could not be loaded")
    expect(tab.page.locator("job-list:defined")).to_have_count(0)

    let_through.append(True)
    tab.page.get_by_role("button", name="Try again").click()

    expect(tab.page.get_by_role("tab", name="Inbox")).to_be_visible()
    expect(tab.page.locator("notification-inbox")).to_be_focused()
    expect(tab.page.locator("job-list:defined")).to_be_visible(timeout=40_000)
    context.close()

"""An inbox in a browser: what was on the screen is seen, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.acceptance.site import Site
from tests.browser.shell import Shell, shell_of
from tests.browser.tab import Tab

#: More than a page of a list, and far more than a screen holds.
TOLD = 40
#: How many titles can be seen: inside the window and, in the bell's panel, inside that.
_ON_SCREEN = """() => {
  const inbox = document.querySelector("notification-inbox") ??
    document.querySelector("notification-bell").shadowRoot.querySelector("notification-inbox")
  const panel = inbox.closest("[popover]")?.getBoundingClientRect()
  const top = panel?.top ?? 0, bottom = panel?.bottom ?? innerHeight
  return [...inbox.shadowRoot.querySelectorAll("h2")].filter((title) => {
    const box = title.getBoundingClientRect(), middle = (box.top + box.bottom) / 2
    return middle > top && middle < bottom
  }).length
}"""


@pytest.fixture
def shell(site: Site) -> Iterator[Shell]:
    with shell_of(site) as shell:
        shell.do("from realtime.inbox import mark_all")
        shell.do("alice = User.objects.get(username='alice')")
        yield shell
        shell.do("mark_all(alice, 'archived')")


@pytest.mark.parametrize("place", ["page", "panel"])
def test_the_badge_falls_by_what_was_on_the_screen(alice: Tab, shell: Shell, place: str) -> None:
    shell.do("mark_all(alice, 'archived')")
    shell.do(f"[notify(alice, f'Note {{n}}') for n in range({TOLD})]")
    bell = alice.page.get_by_role("button", name=re.compile("^Notifications"))
    expect(bell).to_have_accessible_name(f"Notifications, {TOLD} new")

    if place == "panel":
        bell.click()
    else:
        alice.open("/inbox/")
    expect(alice.page.get_by_role("heading", name="Note 39")).to_be_visible()
    first = alice.page.evaluate(_ON_SCREEN)
    assert 2 < first < TOLD / 2
    expect(bell).to_have_accessible_name(f"Notifications, {TOLD - first} new")

    alice.page.get_by_role("heading", name="Note 20").scroll_into_view_if_needed()
    more = alice.page.evaluate(_ON_SCREEN)
    assert more > 2
    expect(bell).to_have_accessible_name(f"Notifications, {TOLD - first - more} new")

"""A laptop that sleeps: everything of its browser stands still, and then goes on at once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.acceptance.site import Site, wait_until
from tests.browser.conftest import launch
from tests.browser.shell import shell_of
from tests.browser.tab import Tab
from tests.terminal import descendants

ASLEEP_SECONDS = 90
TELL = "notify(User.objects.get(username='alice'), 'While you slept')"


class Laptop:
    """A browser of its own, whose processes can all be stopped."""

    def __init__(self, another: Browser) -> None:
        before = descendants(os.getpid())
        self.browser = launch(another.browser_type)
        self._root = next(pid for pid in descendants(os.getpid()) if pid not in before)

    def sleep(self, seconds: float) -> None:
        self._send(signal.SIGSTOP)
        time.sleep(seconds)
        self.wake()

    def wake(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        # Each page has a process of its own, which was not there at first.
        for pid in (self._root, *descendants(self._root)):
            os.kill(pid, number)


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Laptop]:
    laptop = Laptop(browser)
    yield laptop
    laptop.wake()
    laptop.browser.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_laptop_that_slept_shows_what_it_missed_once_and_in_order(
    laptop: Laptop, signed_in: StorageState, site: Site
) -> None:
    page = laptop.browser.new_context(storage_state=signed_in).new_page()
    tab = Tab(page, site, cuttable=False)
    tab.open("/inbox/")
    tab.is_live()
    with shell_of(site) as shell:
        shell.do(TELL)
        wait_until(lambda: told(tab) == 1, seconds=30)
        shell.begin(f"[({TELL}, time.sleep(8)) for _ in range(10)]")
        laptop.sleep(ASLEEP_SECONDS)
        shell.wait()

    # The server gave the silent line up long ago; the page asks before its own patience ends.
    wait_until(lambda: told(tab) == 11, seconds=30)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=1_000)
    offsets = [offset for offset, _, _ in tab.applied()]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    expect(tab.page.get_by_text("While you slept").first).to_be_visible()
    tab.was_clean()


def told(tab: Tab) -> int:
    return [type_ for _, type_, _ in tab.applied()].count("notification.created")

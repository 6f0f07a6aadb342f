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
        before = set(descendants(os.getpid()))
        self.browser = launch(another.browser_type)
        self._pids = set(descendants(os.getpid())) - before

    def sleep(self, seconds: float) -> None:
        for pid in self._pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        self.wake()

    def wake(self) -> None:
        for pid in self._pids:
            os.kill(pid, signal.SIGCONT)


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
        wait_until(lambda: tab.applied(), seconds=30)
        shell.begin(f"[({TELL}, time.sleep(8)) for _ in range(10)]")
        laptop.sleep(ASLEEP_SECONDS)
        shell.wait()

    # The server gave the silent line up long ago; the page asks before its own patience ends.
    wait_until(lambda: len(tab.applied()) == 11, seconds=30)
    tab.is_live()
    offsets = [offset for offset, _, _ in tab.applied()]
    assert offsets == list(range(offsets[0], offsets[0] + 11))
    expect(tab.page.get_by_text("While you slept").first).to_be_visible()
    tab.was_clean()

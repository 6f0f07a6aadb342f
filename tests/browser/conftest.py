"""Debian's Chromium in front of one running platform."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    StorageState,
    sync_playwright,
)

from tests.acceptance.site import Site, running_site
from tests.browser.tab import Tab

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")  # fmt: skip


def launch(chromium: BrowserType) -> Browser:
    """Start a Chromium that asks nobody on the network for anything."""
    return chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Our own, not pytest-playwright's: that one stays open, with its event loop in the way of
    # every asynchronous test that follows in the session.
    if not CHROMIUM:
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(browser: Browser) -> Iterator[Site]:
    # Unix sockets' paths are short; pytest's own folders are not.
    with (
        tempfile.TemporaryDirectory(prefix="bw-") as folder,
        running_site(Path(folder), DJANGO_SETTINGS_MODULE="tests.worksite.settings") as site,
    ):
        yield site


@pytest.fixture(scope="package")
def signed_in(browser: Browser, site: Site) -> StorageState:
    """What Alice's browser keeps once she has logged in, by the form."""
    return _sign_in(browser, site, "alice")


@pytest.fixture(scope="package")
def signed_in_staff(browser: Browser, site: Site) -> StorageState:
    """The same of Bob's, who may see the operations page and the admin."""
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database, database:
        database.execute(
            "UPDATE auth_user SET is_staff = 1, is_superuser = 1 WHERE username = 'bob'"
        )
    return _sign_in(browser, site, "bob")


def _sign_in(browser: Browser, site: Site, name: str) -> StorageState:
    context = browser.new_context()
    Tab(context.new_page(), site).log_in(name)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(browser: Browser, signed_in: StorageState) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=signed_in)
    yield context
    context.close()


@pytest.fixture
def alice(context: BrowserContext, site: Site) -> Iterator[Tab]:
    """Alice's first tab; at the end, nothing went wrong in it unnoticed."""
    tab = Tab(context.new_page(), site)
    tab.open("/")
    tab.is_live()
    yield tab
    tab.was_clean()


@pytest.fixture
def bob(browser: Browser, signed_in_staff: StorageState, site: Site) -> Iterator[Tab]:
    """A tab of Bob's, who is staff; at the end, nothing went wrong in it unnoticed."""
    context = browser.new_context(storage_state=signed_in_staff)
    tab = Tab(context.new_page(), site)
    yield tab
    tab.was_clean()
    context.close()


@pytest.fixture
def another_tab(context: BrowserContext, alice: Tab, site: Site) -> Tab:
    """A second tab of Alice's."""
    tab = Tab(context.new_page(), site)
    tab.open("/")
    tab.is_live()
    return tab

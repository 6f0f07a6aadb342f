"""What a first visit costs: few bytes of script, all of them from here, none that another needs."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, StorageState, expect

from tests.acceptance.site import Site
from tests.browser.tab import Tab

BUILT = Path(__file__).parents[2] / "realtime" / "static" / "bellwire"
FIRST_VIEW = 100 * 1024
#: Lit and the seven elements, the open inbox and its cards among them.
ELEMENTS = 27 * 1024
#: What is not an element's: what keeps a page live, this project's own pages, their extras.
NOT_ELEMENTS = re.compile(
    r"/(client|transport|ways|site|desktop|job-output|results|file-link|live)-"
)


class Visit:
    """The scripts that one first visit fetched, by address, as bytes on the wire."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.scripts = tab, dict[str, int]()
        tab.page.on("response", self._weigh)

    @property
    def bytes(self) -> int:
        return sum(self.scripts.values())

    def of_elements(self) -> int:
        return sum(size for url, size in self.scripts.items() if not NOT_ELEMENTS.search(url))

    def _weigh(self, response: Response) -> None:
        if response.request.resource_type == "script":
            self.scripts[response.url] = len(gzip.compress(response.body(), 9))


@pytest.fixture
def visit(browser: Browser, signed_in: StorageState, site: Site) -> Iterator[Visit]:
    """A browser that has been here once, to log in, and kept nothing but that."""
    context = browser.new_context(storage_state=signed_in)
    visit = Visit(Tab(context.new_page(), site))
    yield visit
    visit.tab.was_clean()
    context.close()


def open_fully(visit: Visit, path: str) -> None:
    visit.tab.open(path)
    visit.tab.is_live()
    visit.tab.page.wait_for_load_state("networkidle")


def a_job(visit: Visit) -> str:
    """Start a sample, see its result, and give its page."""
    visit.tab.page.get_by_role("button", name="Use a sample").click()
    expect(visit.tab.newest().locator(".result")).to_be_visible(timeout=60_000)
    return str(visit.tab.newest().locator("h3 a").get_attribute("href"))


def test_a_first_view_loads_little_and_nothing_of_other_pages(visit: Visit) -> None:
    open_fully(visit, "/")
    page = a_job(visit)
    home, visit.scripts = visit.scripts, {}
    open_fully(visit, page)
    job, visit.scripts = visit.scripts, {}
    open_fully(visit, "/inbox/")
    inbox = visit.scripts

    for scripts in (home, job, inbox):
        assert sum(scripts.values()) <= FIRST_VIEW, scripts
        assert not [url for url in scripts if re.search("operations|chart|ways", url)], scripts


def test_all_seven_elements_together_are_small(visit: Visit) -> None:
    open_fully(visit, "/")
    open_fully(visit, a_job(visit))
    visit.tab.page.get_by_role("button", name=re.compile("^Notifications")).click()
    expect(visit.tab.page.get_by_role("dialog")).to_be_visible()
    visit.tab.page.wait_for_load_state("networkidle")

    assert visit.of_elements() <= ELEMENTS, visit.scripts


def test_only_the_operations_page_asks_for_what_is_its_own() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())

    asked: set[str] = set()
    waiting = ["src/pages/site.ts"]
    while waiting:
        name = waiting.pop()
        if name not in asked:
            asked.add(name)
            chunk = manifest[name]
            waiting += [*chunk.get("imports", []), *chunk.get("dynamicImports", [])]
    assert not [name for name in asked if re.search("operations|chart", name)]

"""What a first visit costs: few bytes of script, all of them from here, none that another needs."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, StorageState, expect

from tests.acceptance.site import Site
from tests.browser.tab import Tab

BUILT = Path(__file__).parents[2] / "realtime" / "static" / "bellwire"
FIRST_VIEW = 100 * 1024
#: Lit, one of the elements and what it draws, beside what connects and fetches them; for an inbox
#: without the bar of a job that runs.
OF_ONE_ELEMENT = 15 * 1024
#: What a page of ours loads of Lit and elements before somebody clicks.
OF_HOME, OF_A_JOB, OF_INBOX = 17_300, 16_400, 17_300
#: Lit and the seven elements, the open inbox and its cards among them.
OF_ALL_SEVEN = 26_800
#: What is not an element's: what keeps a page live, this project's own pages, their extras.
NOT_ELEMENTS = re.compile(
    r"(^|/)(client|elements|transport|ways|site|home|desktop|job-output|results)(-|$)"
)
SEVEN = [
    "connection-status",
    "job-list",
    "job-progress",
    "job-timeline",
    "notification-bell",
    "notification-inbox",
    "toast-region",
]
#: Elements drawn by others that do not import them.
DRAWN = {"job-list": ["job-card"]}
#: What each of our pages does without, until somebody clicks or something happens.
NOT_AT_HOME = re.compile("job-(timeline|output)|inbox|toast|results|operations|chart|ways")
NOT_IN_A_JOB = re.compile("job-list|home|inbox|operations|chart|ways")
NOT_IN_THE_INBOX = re.compile("job-(list|card|timeline|output)|home|results|operations|chart|ways")
NOT_IN_OPERATIONS = re.compile("job-|home|inbox|toast|results|ways")


@dataclass(frozen=True)
class Chunk:
    """A script that was built, and the names of those that it imports at once."""

    name: str
    imports: frozenset[str]
    script: bytes

    @property
    def weight(self) -> int:
        """Its bytes on the wire."""
        return len(gzip.compress(self.script, 9))


class Visit:
    """The scripts that one first visit fetched, by address, as bytes on the wire."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.scripts = tab, dict[str, int]()
        tab.page.on("response", self._weigh)

    def _weigh(self, response: Response) -> None:
        if response.request.resource_type == "script":
            self.scripts[response.url] = len(gzip.compress(response.body(), 9))


@contextmanager
def visiting(browser: Browser, site: Site, kept: StorageState | None) -> Iterator[Visit]:
    """Visit with nothing but what was kept; at the end, no other host was asked for anything."""
    context = browser.new_context(storage_state=kept)
    visit = Visit(Tab(context.new_page(), site))
    yield visit
    visit.tab.was_clean()
    context.close()


@pytest.fixture
def visit(browser: Browser, signed_in: StorageState, site: Site) -> Iterator[Visit]:
    """A browser that has been here once, to log in, and kept nothing but that."""
    with visiting(browser, site, signed_in) as visit:
        yield visit


def open_fully(visit: Visit, path: str) -> None:
    visit.tab.open(path)
    visit.tab.is_live()
    visit.tab.page.wait_for_load_state("networkidle")


def a_job(visit: Visit) -> str:
    """Start a sample, see its result, and give its page."""
    visit.tab.page.get_by_role("button", name="Use a sample").click()
    expect(visit.tab.newest().locator(".result")).to_be_visible(timeout=60_000)
    return str(visit.tab.newest().locator("h3 a").get_attribute("href"))


def test_a_first_view_loads_little_and_nothing_that_it_does_not_show(visit: Visit) -> None:
    home = first_view(visit, "/")
    job = first_view(visit, a_job(visit))
    inbox = first_view(visit, "/inbox/")

    for scripts, most, unused in (
        (home, OF_HOME, NOT_AT_HOME),
        (job, OF_A_JOB, NOT_IN_A_JOB),
        (inbox, OF_INBOX, NOT_IN_THE_INBOX),
    ):
        assert sum(scripts.values()) <= FIRST_VIEW, scripts
        assert of_elements(scripts) <= most, scripts
        assert not [url for url in scripts if unused.search(url)], scripts


def test_a_first_view_of_what_fewer_look_at_is_little_too(
    visit: Visit, browser: Browser, signed_in_staff: StorageState, site: Site
) -> None:
    with visiting(browser, site, signed_in_staff) as staff, visiting(browser, site, None) as guest:
        operations = first_view(staff, "/operations/")
        preferences = first_view(visit, "/inbox/preferences/")
        guest.tab.open("/login/")
        guest.tab.page.wait_for_load_state("networkidle")

    assert guest.scripts == {}
    assert [url for url in operations if "chart-plot" in url]
    for scripts, unused in ((operations, NOT_IN_OPERATIONS), (preferences, NOT_IN_THE_INBOX)):
        assert sum(scripts.values()) <= FIRST_VIEW, scripts
        assert not [url for url in scripts if unused.search(url)], scripts


def test_all_seven_elements_together_are_small(visit: Visit) -> None:
    open_fully(visit, "/")
    open_fully(visit, a_job(visit))
    visit.tab.page.evaluate(
        "dispatchEvent(new CustomEvent('bellwire:toast', {detail: {title: 'Saved'}}))"
    )
    expect(visit.tab.page.get_by_text("Saved", exact=True).first).to_be_visible()
    visit.tab.page.get_by_role("button", name=re.compile("^Notifications")).click()
    expect(visit.tab.page.get_by_role("dialog")).to_be_visible()
    visit.tab.page.wait_for_load_state("networkidle")

    assert of_elements(visit.scripts) <= OF_ALL_SEVEN, visit.scripts


@pytest.mark.parametrize("element", SEVEN)
def test_each_element_alone_is_small(element: str) -> None:
    drawn = {element, *DRAWN.get(element, [])} - {"connection-status"}
    entries = ["src/pages/elements.ts", *(f"src/elements/{name}.ts" for name in sorted(drawn))]
    chunks = {chunk for entry in entries for chunk in built(entry, "imports")}

    loaded = [chunk for chunk in chunks if not NOT_ELEMENTS.search(chunk.name)]

    assert element in definitions(chunks)
    assert sum(chunk.weight for chunk in loaded) <= OF_ONE_ELEMENT, chunks


def test_a_page_loads_no_element_that_it_does_not_have() -> None:
    assert definitions(built("src/pages/elements.ts", "imports")) == ["connection-status"]


def test_no_part_waits_for_what_it_imports() -> None:
    there = {chunk.name for chunk in built("src/pages/site.ts", "imports")}

    # The bar is asked for beside the card that imports it.
    late = {
        chunk.name: chunk.imports - there - {"job-progress"}
        for chunk in built("src/pages/site.ts", "imports", "dynamicImports")
    }
    assert not any(late.values()), late


def test_only_the_operations_page_asks_for_what_is_its_own() -> None:
    asked = [chunk.name for chunk in built("src/pages/site.ts", "imports", "dynamicImports")]

    assert not [name for name in asked if re.search("operations|chart", name)]


def first_view(visit: Visit, path: str) -> dict[str, int]:
    """Open a page, and give the scripts that it loaded until now."""
    visit.scripts = {}
    open_fully(visit, path)
    return dict(visit.scripts)


def of_elements(scripts: dict[str, int]) -> int:
    return sum(size for url, size in scripts.items() if not NOT_ELEMENTS.search(url))


def definitions(chunks: Iterable[Chunk]) -> list[str]:
    """Give the names of the elements that they define."""
    scripts = "".join(chunk.script.decode() for chunk in chunks)
    return re.findall(r"customElements\.define\(.([\w-]+)", scripts)


def built(entry: str, *relations: str) -> list[Chunk]:
    """Give an entry's chunks, and those that they relate to in the manifest."""
    manifest = json.loads((BUILT / "manifest.json").read_text())
    waiting, found = [entry], dict[str, Chunk]()
    while waiting:
        key = waiting.pop()
        if key not in found:
            chunk = manifest[key]
            imports = {manifest[other]["name"] for other in chunk.get("imports", [])}
            script = (BUILT / chunk["file"]).read_bytes()
            found[key] = Chunk(chunk["name"], frozenset(imports), script)
            waiting += [other for relation in relations for other in chunk.get(relation, [])]
    return list(found.values())

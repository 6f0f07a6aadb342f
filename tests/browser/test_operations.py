"""What staff see of the platform, live; and that nobody else does."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.site import Person, Site, wait_until
from tests.browser.tab import Tab
from tests.terminal import descendants

SECONDS = 60_000  # a loaded machine may take its time
PARTS = (
    "Queues",
    "Workers",
    "Servers",
    "From commit to screen",
    "Failures of the last hour",
    "Schedules",
)
QUEUES = ("default", "reports", "images", "mail")
#: What a page says of itself now and then: when it showed what it was told.
ALLOWED = re.compile("/api/shown$")


@pytest.fixture
def operations(bob: Tab) -> Tab:
    """Bob's page of operations, live, with all that it fetches."""
    bob.open("/operations/")
    bob.is_live()
    expect(bob.page.get_by_text("The last ten minutes, live")).to_be_visible(timeout=SECONDS)
    bob.page.wait_for_load_state("networkidle")
    return bob


def part(tab: Tab, heading: str) -> Locator:
    return tab.page.get_by_role("region", name=heading, exact=True)


def running(tab: Tab, queue: str) -> Locator:
    """How many jobs of a queue run."""
    row = part(tab, "Queues").locator("tbody tr", has=tab.page.locator("th", has_text=queue)).first
    return row.locator("td").nth(1)


def seen_by_a_server(tab: Tab, name: str) -> Locator:
    return part(tab, "Servers").locator("tbody th", has_text=name)


def screens_told_of(site: Site) -> float:
    """Count what pages have told all servers: events that they showed."""
    told = [
        site.get("/metrics", admin)[1].decode() for admin in (site.folder / "run").glob("web*.sock")
    ]
    found = re.findall(
        r"^bellwire_commit_to_screen_seconds_count (\S+)", "\n".join(told), re.MULTILINE
    )
    assert len(found) == len(told) > 0
    return sum(map(float, found))


@contextmanager
def stopped(site: Site, name: str) -> Iterator[None]:
    """Stop a web process where it stands, until the block ends."""
    words = f"--name\0{name}\0".encode()
    [pid] = [
        pid
        for pid in descendants(site.process.pid)
        if words in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def test_a_job_is_followed_through_the_platform_and_nothing_is_asked_for(
    operations: Tab, site: Site, tmp_path: Path
) -> None:
    for heading in PARTS:
        expect(part(operations, heading)).to_be_visible()
    asked: list[str] = []
    operations.page.on("request", lambda request: asked.append(request.url))
    before = int(running(operations, "default").inner_text())
    job = Person(site, "alice").start("wait_for", path=str(tmp_path / "end"))

    now = part(operations, "Workers").locator(f"a[href='/jobs/{job['id']}/']")
    expect(now).to_be_visible(timeout=SECONDS)
    expect(running(operations, "default")).to_have_text(str(before + 1), timeout=SECONDS)
    (tmp_path / "end").touch()
    expect(now).to_have_count(0, timeout=SECONDS)
    expect(running(operations, "default")).to_have_text(str(before), timeout=SECONDS)
    expect(
        part(operations, "Workers").get_by_text(re.compile(r"[1-9]\S* per minute"))
    ).not_to_have_count(0)

    assert [url for url in asked if not ALLOWED.search(url)] == []


def test_what_a_page_showed_becomes_a_figure_of_the_way_to_the_screen(
    operations: Tab, site: Site
) -> None:
    before = screens_told_of(site)

    # One event of four is followed, and of a job there are three: that none is, is one in 30,000.
    bob = Person(site, "bob")
    for _ in range(12):
        bob.start("nothing")

    # The page's first report asks for the server's time; samples go with the next, after 10 s.
    wait_until(lambda: screens_told_of(site) > before or operations.page.wait_for_timeout(200), 60)
    whole = part(operations, "From commit to screen").locator(
        "tbody tr", has=operations.page.get_by_role("rowheader", name="All of it")
    )
    expect(whole.locator("td").first).to_have_text(re.compile(r"^[\d.,]+ ms$"), timeout=SECONDS)
    chart = part(operations, "From commit to screen").get_by_role("img")
    expect(chart).to_have_attribute("aria-label", re.compile("Half within.* now, from"))


def test_a_failure_is_told_and_schedules_say_when_they_run(operations: Tab, site: Site) -> None:
    job = Person(site, "alice").start("refuse")

    failure = part(operations, "Failures of the last hour").locator(
        "li", has=operations.page.locator(f"a[href='/jobs/{job['id']}/']")
    )
    expect(failure).to_contain_text("The file has no columns.", timeout=SECONDS)
    for schedule in part(operations, "Schedules").locator("li").all():
        expect(schedule).to_contain_text(re.compile("Next:|switched off"))
    expect(part(operations, "Schedules").locator("li")).not_to_have_count(0)


def test_each_chart_says_its_values_and_shows_them_as_a_table(operations: Tab) -> None:
    charts = operations.page.locator("chart-figure")
    expect(charts).to_have_count(7)
    for chart in charts.all():
        said = chart.get_by_role("img").get_attribute("aria-label") or ""
        assert re.search("the last ten minutes. .*(now, from .* to |no values yet)", said), said

    waiting = charts.first
    waiting.get_by_text("Show as a table").click()
    expect(waiting.locator("thead th")).to_have_text(["Time", *QUEUES])
    expect(waiting.locator("tbody tr")).to_have_count(10)


@pytest.mark.slow
def test_a_server_that_stands_still_is_seen_to(operations: Tab, site: Site) -> None:
    theirs = next(name for name, sockets in site.sockets().items() if not sockets)

    with stopped(site, theirs):
        expect(seen_by_a_server(operations, theirs)).to_contain_text("silent for", timeout=SECONDS)
    expect(seen_by_a_server(operations, theirs)).not_to_contain_text("silent", timeout=SECONDS)


def test_for_others_there_is_neither_the_page_nor_a_link_nor_the_figures(
    alice: Tab, bob: Tab
) -> None:
    bob.open("/")
    expect(bob.page.get_by_role("link", name="Operations")).to_be_visible()

    expect(alice.page.get_by_role("link", name="Operations")).to_have_count(0)
    answers = [
        alice.page.request.get(f"{alice.site.origin}{path}").status
        for path in ("/operations/", "/api/ops")
    ]
    assert answers == [404, 403]

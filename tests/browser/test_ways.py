"""A page is live by whatever its network lets through, and is told the same by each way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.acceptance.site import PASSWORD, Site, wait_until
from tests.browser.cable import Cable
from tests.browser.office import POLL, SOCKET, STREAM, Office, becomes
from tests.browser.shell import Shell, shell_of
from tests.browser.tab import Tab

SECONDS = 30_000  # a loaded machine may take its time
ALICE = "User.objects.get(username='alice')"
#: Set the password that Bob has, which is kept in another way each time.
NEW_PASSWORD = f"u = User.objects.get(username='bob'); u.set_password({PASSWORD!r}); u.save()"


@pytest.fixture(scope="module")
def shell(site: Site) -> Iterator[Shell]:
    with shell_of(site) as shell:
        yield shell


@pytest.fixture
def cable(site: Site) -> Iterator[Cable]:
    cable = Cable(site)
    yield cable
    cable.close()


def types(tab: Tab) -> list[str]:
    return [type_ for _, type_, _ in tab.applied()]


def of_the_first_queued(tab: Tab) -> list[str]:
    """What is told of the job that was started here; others of Alice's may run meanwhile."""
    job = next((job for _, type_, job in tab.applied() if type_ == "job.queued"), None)
    return [type_ for _, type_, of in tab.applied() if job and of == job]


def offsets(tab: Tab) -> list[int]:
    return [offset for offset, _, _ in tab.applied()]


def told(tab: Tab) -> int:
    return types(tab).count("notification.created")


def card(tab: Tab) -> Locator:
    return tab.page.locator("main article", has_text="Read me")


def badge(tab: Tab) -> list[str]:
    return tab.page.locator("notification-bell .badge").all_text_contents()


def tell(name: str, times: int, pause: float = 0) -> str:
    who = f"User.objects.get(username={name!r})"
    return f"[(notify({who}, f'Note {{n}}'), time.sleep({pause})) for n in range({times})]"


@pytest.mark.parametrize(
    "way", [pytest.param(STREAM, id="by a stream"), pytest.param(POLL, id="by long polls")]
)
def test_where_no_websocket_gets_through_a_job_is_followed(
    context: BrowserContext, site: Site, way: str
) -> None:
    tab = Tab(context.new_page(), site)
    Office(tab, way)
    tab.open("/")
    becomes(tab, way)
    tab.choose("Mailing")
    tab.page.get_by_role("button", name="Use a sample").click()

    wait_until(lambda: "job.succeeded" in of_the_first_queued(tab), seconds=60)
    assert of_the_first_queued(tab) == ["job.queued", "job.started", "job.succeeded"]
    expect(tab.newest()).to_contain_text("Done")


def test_by_long_polls_a_job_is_heard_while_it_runs(
    context: BrowserContext, site: Site, shell: Shell, tmp_path: Path
) -> None:
    bidden = tmp_path / "bidden"
    shell.do("from tests.worksite.work import speak_when_bidden")
    shell.do(f"speak_when_bidden.enqueue(owner={ALICE}, path={str(bidden)!r})")
    tab = Tab(context.new_page(), site)
    Office(tab, POLL)
    tab.open("/")
    tab.newest().locator("h3 a").click()
    becomes(tab, POLL)
    expect(tab.page.locator("job-output")).to_contain_text("Nothing said yet.", timeout=SECONDS)
    bidden.touch()

    expect(tab.page.locator("job-output li .text")).to_have_text("I was bidden", timeout=SECONDS)
    expect(tab.page.locator("job-card")).to_contain_text("Running")
    bidden.unlink()
    expect(tab.page.locator("job-card")).to_contain_text("Done", timeout=SECONDS)


def test_whichever_way_the_line_changes_to_each_event_is_applied_once_and_in_order(
    context: BrowserContext, cable: Cable, shell: Shell
) -> None:
    tab = Tab(context.new_page(), cable.site)
    wrong: list[object] = []
    tab.page.on("pageerror", lambda error: wrong.append(error))
    office = Office(tab, STREAM)
    tab.open("/")
    becomes(tab, STREAM)
    shell.begin(tell("alice", 40, pause=0.1))
    for way, many in ((POLL, 5), (SOCKET, 15)):
        wait_until(lambda many=many: told(tab) >= many, seconds=30)
        office.lets_through(way)
        cable.pull()
        cable.plug_in()
        becomes(tab, way)
    shell.wait()

    wait_until(lambda: told(tab) == 40, seconds=30)
    heard = offsets(tab)
    assert heard == list(range(heard[0], heard[0] + len(heard)))
    assert not wrong


def test_an_event_source_of_anybodys_goes_on_after_a_cut_where_it_was(
    context: BrowserContext, cable: Cable, shell: Shell
) -> None:
    page = context.new_page()
    page.goto(cable.site.origin + "/inbox/preferences/")
    page.evaluate(_LISTEN)
    page.wait_for_function("() => source.readyState === 1")
    shell.do(tell("alice", 3))
    page.wait_for_function("() => heard.length === 3")
    cable.pull()
    shell.do(tell("alice", 3))
    cable.plug_in()

    page.wait_for_function("() => heard.length === 6", timeout=SECONDS)
    places = [int(place.split(":")[1]) for place in page.evaluate("heard")]
    assert places == list(range(places[0], places[0] + 6))


def test_what_is_read_in_one_browser_is_read_in_all_tabs_and_browsers(
    browser: Browser, context: BrowserContext, site: Site, shell: Shell
) -> None:
    elsewhere = browser.new_context()
    tabs = [Tab(each.new_page(), site) for each in (context, context, elsewhere)]
    tabs[2].log_in("alice")
    shell.do("notify(User.objects.get(username='alice'), 'Read me', key='read me')")
    for tab in tabs:
        tab.open("/inbox/")
        tab.is_live()
        expect(card(tab).get_by_role("button", name="Mark as read")).to_be_visible()
    card(tabs[0]).get_by_role("button", name="Mark as read").click()

    for tab in tabs:
        expect(card(tab).get_by_role("button", name="Mark as unread")).to_be_visible()
    wait_until(lambda: badge(tabs[0]) == badge(tabs[1]) == badge(tabs[2]))
    elsewhere.close()


@pytest.mark.parametrize(
    ("end", "ways"),
    [
        pytest.param("log-out", (SOCKET, STREAM, POLL), id="by logging out elsewhere"),
        pytest.param("password", (STREAM, POLL), id="by another password"),
    ],
)
def test_the_end_of_a_session_ends_every_way_and_the_pages_say_so(
    browser: Browser, site: Site, shell: Shell, end: str, ways: tuple[str, ...]
) -> None:
    context = browser.new_context()
    last = Tab(context.new_page(), site)
    last.log_in("bob")
    tabs = []
    for way in ways:
        tabs.append(Tab(context.new_page(), site))
        Office(tabs[-1], way)
        tabs[-1].open("/")
        becomes(tabs[-1], way)
    if end == "log-out":
        last.page.get_by_role("button", name="Log out").click()
    else:
        shell.do(NEW_PASSWORD)

    for tab in tabs:
        expect(tab.page.get_by_text("Not live: you are signed out.")).to_be_visible(timeout=SECONDS)
        expect(tab.page.get_by_role("link", name="Sign in again")).to_be_visible()
    context.close()


_LISTEN = """() => {
  window.heard = []
  window.source = new EventSource("/api/events")
  source.onmessage = event => heard.push(event.lastEventId)
}"""

"""What a page says while its line or its server is in trouble, and how it recovers."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, WebSocketRoute, expect

from tests.acceptance.site import Site, UnixConnection, wait_until
from tests.browser.cable import Cable
from tests.browser.office import SOCKET, becomes
from tests.browser.shell import Shell, shell_of
from tests.browser.tab import Tab
from tests.terminal import kill

SECONDS = 60_000  # a loaded machine may take its time
TELL = "notify(User.objects.get(username='alice'), 'You there?')"
EXPIRE = (
    "from django.contrib.sessions.models import Session as S; "
    "S.objects.filter(pk={!r}).update(expire_date='2020-01-01T00:00:00Z')"
)
LOST = re.compile("Reconnecting|Offline since")
MAILED = re.compile("Mailing.*Done.*sent", re.DOTALL)
GARBAGE = "\x00{]<html>nothing that anybody knows"


@pytest.fixture
def cable(site: Site) -> Iterator[Cable]:
    cable = Cable(site)
    yield cable
    cable.close()


@pytest.fixture(scope="module")
def shell(site: Site) -> Iterator[Shell]:
    with shell_of(site) as shell:
        yield shell


@pytest.fixture
def broken(context: BrowserContext) -> Iterator[list[str]]:
    """What broke in Alice's pages; what they asked for may fail, and the console say so."""
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield broken
    assert not broken


@pytest.fixture
def tab(context: BrowserContext, cable: Cable, broken: list[str]) -> Tab:
    """Alice's page at the end of the cable, live."""
    tab = Tab(context.new_page(), cable.site)
    tab.open("/")
    tab.is_live()
    return tab


def told(tab: Tab) -> list[int]:
    return [offset for offset, type_, _ in tab.applied() if type_ == "notification.created"]


def test_an_upload_goes_on_where_a_cut_line_left_it(tab: Tab, cable: Cable, tmp_path: Path) -> None:
    table = tmp_path / "towns.csv"
    table.write_text("town,county\n" + "Town,County\n" * 250_000)
    offsets: list[int] = []

    def write(route: Route) -> None:
        offsets.append(int(route.request.url.rpartition("=")[2]))
        if len(offsets) == 3:
            cable.pull()
        route.continue_()

    tab.page.route("**/api/files/*?offset=*", write)
    tab.start(table)
    wait_until(lambda: tab.page.title() and len(offsets) >= 3, seconds=30)
    expect(tab.page.get_by_text(LOST)).to_be_visible(timeout=SECONDS)
    cable.plug_in()

    expect(tab.newest()).to_contain_text("250,000 rows, 2 columns.", timeout=SECONDS)
    # The third part was lost: it was sent again from where it began, and none before it was.
    assert offsets[3] == offsets[2] > offsets[1] > offsets[0] == 0
    becomes(tab, SOCKET)


def test_a_page_outlives_the_server_processes(tab: Tab, site: Site) -> None:
    admins = sorted((site.folder / "run").glob("web*.sock"))
    killed = [pid_of(admin) for admin in admins]
    for pid in killed:
        kill(pid)
    expect(tab.page.get_by_text(LOST)).to_be_visible(timeout=SECONDS)

    becomes(tab, SOCKET)
    tab.choose("Mailing")
    tab.page.get_by_role("button", name="Use a sample").click()
    expect(tab.newest()).to_contain_text(MAILED, timeout=SECONDS)
    assert len(killed) == 2
    assert not set(killed) & {pid_of(admin) for admin in admins}


def pid_of(admin: Path) -> int:
    """Tell which process listens on its private socket."""
    with closing(UnixConnection(admin)) as connection:
        connection.connect()
        credentials = connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def test_a_session_that_expires_ends_and_the_page_says_so(
    browser: Browser, site: Site, shell: Shell
) -> None:
    context = browser.new_context()
    tab = Tab(context.new_page(), site)
    tab.log_in("alice")
    [key] = [each["value"] for each in context.cookies() if each["name"] == "sessionid"]
    shell.do(EXPIRE.format(key))

    expect(tab.page.get_by_text("Not live: you are signed out.")).to_be_visible(timeout=SECONDS)
    expect(tab.page.get_by_role("link", name="Sign in again")).to_be_visible()
    context.close()


@pytest.mark.slow  # a page is patient for half a minute
def test_a_server_that_falls_silent_is_noticed_and_what_was_missed_is_caught_up(
    tab: Tab, cable: Cable, shell: Shell
) -> None:
    shell.do(TELL)
    wait_until(lambda: told(tab), seconds=30)
    before = len(told(tab))
    cable.swallow()
    for _ in range(3):
        shell.do(TELL)
    expect(tab.page.get_by_text(LOST)).to_be_visible(timeout=SECONDS)
    cable.plug_in()

    becomes(tab, SOCKET)
    wait_until(lambda: len(told(tab)) == before + 3, seconds=30)
    offsets = [offset for offset, _, _ in tab.applied()]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))


def test_a_slow_server_is_waited_for(tab: Tab, cable: Cable) -> None:
    cable.slow(1_500)
    tab.choose("Mailing")
    tab.page.get_by_role("button", name="Use a sample").click()

    expect(tab.page.get_by_text("Mailing started.")).to_be_visible(timeout=SECONDS)
    expect(tab.newest()).to_contain_text(MAILED, timeout=SECONDS)


def test_a_server_that_takes_too_long_is_not_waited_for_longer(tab: Tab) -> None:
    tab.page.route("**/api/samples/*", lambda route: None)  # and no answer ever
    tab.page.get_by_role("button", name="Use a sample").click()

    expect(tab.page.get_by_text("The server takes too long to answer. Try again.")).to_be_visible(
        timeout=SECONDS
    )
    tab.page.unroute("**/api/samples/*")
    tab.page.get_by_role("button", name="Use a sample").click()
    expect(tab.page.get_by_text("Report started.")).to_be_visible(timeout=SECONDS)


@pytest.mark.parametrize("answer", ["garbage", "[]", "{}", '{"id": 7, "state": "new"}', ""])
def test_an_answer_that_makes_no_sense_is_said_and_asked_for_again(tab: Tab, answer: str) -> None:
    def nonsense(route: Route) -> None:
        route.fulfill(status=200, body=answer, content_type="application/json")

    tab.page.route("**/api/jobs", nonsense)
    tab.page.get_by_role("button", name="Use a sample").click()
    trouble = tab.page.get_by_text(re.compile("^The server's answer (makes no sense|was cut)"))
    expect(trouble).to_be_visible(timeout=SECONDS)

    tab.page.unroute("**/api/jobs")
    tab.page.get_by_role("button", name="Use a sample").click()
    expect(tab.page.get_by_text("Report started.")).to_be_visible(timeout=SECONDS)
    expect(trouble).to_be_hidden()


def test_a_line_on_which_garbage_comes_is_not_live_and_another_is(
    context: BrowserContext, site: Site, broken: list[str]
) -> None:
    tab = Tab(context.new_page(), site)
    is_mad = True

    def babble(line: WebSocketRoute) -> None:
        if not is_mad:
            line.connect_to_server()
            return
        line.on_message(lambda _: line.send(GARBAGE))

    def events(route: Route) -> None:
        if is_mad:
            route.fulfill(status=200, body=GARBAGE, content_type="text/event-stream")
        else:
            route.abort()

    tab.page.route_web_socket("**/connection/websocket", babble)
    tab.page.route("**/api/events?*", events)
    tab.open("/")
    expect(tab.page.get_by_text(LOST)).to_be_visible(timeout=SECONDS)
    expect(tab.page.get_by_text(re.compile("^Live"))).to_have_count(0)
    is_mad = False

    becomes(tab, SOCKET)
    tab.page.get_by_role("button", name="Use a sample").click()
    expect(tab.page.get_by_text("Report started.")).to_be_visible(timeout=SECONDS)

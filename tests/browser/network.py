"""What lies between a browser and the site: a cable, a proxy that refuses, and somebody at work."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from types import SimpleNamespace
from typing import Any

from playwright.sync_api import Route, WebSocketRoute, expect

from tests.acceptance.site import ROOT, Site
from tests.browser.tab import Tab
from tests.chaos.harness.proxy import Proxy

#: What a page says of the way by which it is live.
SOCKET, STREAM, POLL = "Live", "Live (by a stream)", "Live (by polling)"


class Cable:
    """Carries all that goes to the site, and is pulled; the site is at another port behind it."""

    def __init__(self, site: Site) -> None:
        self._proxy = Proxy([site.port])
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="cable")
        self._thread.start()
        self._run(self._proxy.open())
        self.site = SimpleNamespace(
            origin=f"http://127.0.0.1:{self._proxy.port}", port=self._proxy.port
        )

    def pull(self) -> None:
        """Break every line, and let none through until it is plugged in."""
        self._call(self._proxy.refuse)
        self._call(self._proxy.reset)

    def plug_in(self) -> None:
        self._call(self._proxy.recover)

    def close(self) -> None:
        self._run(self._proxy.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, act: Any) -> None:
        done = Future[Any]()
        self._loop.call_soon_threadsafe(lambda: done.set_result(act()))
        done.result(10)

    def _run(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


class Office:
    """The network of a tab's owner, whose proxy lets only some of the ways through."""

    def __init__(self, tab: Tab, *ways: str) -> None:
        self.tab, self.ways = tab, set(ways)
        tab.page.route_web_socket("**/connection/websocket", self._socket)
        tab.page.route("**/api/events?*", self._events)

    def lets_through(self, *ways: str) -> None:
        """Let through these ways alone from now on."""
        self.ways = set(ways)

    def _socket(self, line: WebSocketRoute) -> None:
        if SOCKET in self.ways:
            line.connect_to_server()
        else:
            line.close(code=1012)

    def _events(self, route: Route) -> None:
        is_stream = route.request.headers["accept"] == "text/event-stream"
        if (STREAM if is_stream else POLL) in self.ways:
            route.continue_()
        else:
            route.abort()


def becomes(tab: Tab, standing: str) -> None:
    """See a tab become live by a way, trying again as soon as it may."""
    status = tab.page.get_by_role("status").get_by_text(standing, exact=True)
    again = tab.page.get_by_role("button", name="Try now")
    for _ in range(40):
        with suppress(AssertionError):
            expect(status).to_be_visible(timeout=500)
            return
        if again.is_visible():
            with suppress(Exception):  # it may be gone by itself meanwhile
                again.click(timeout=500)
    expect(status).to_be_visible()


_SHELL = """
import sys, time
import django
django.setup()
from django.contrib.auth.models import User
from realtime.inbox import notify
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Operator:
    """Somebody at a shell of the site's, one line at a time."""

    def __init__(self, shell: subprocess.Popen[str]) -> None:
        self._shell = shell

    def begins(self, line: str) -> None:
        """Say a line, and do not wait until it is done."""
        assert self._shell.stdin
        self._shell.stdin.write(line + "\n")
        self._shell.stdin.flush()

    def ends(self) -> None:
        """Wait until the line that was begun is done."""
        assert self._shell.stdout
        assert self._shell.stdout.readline() == "done\n"

    def does(self, line: str) -> None:
        self.begins(line)
        self.ends()


@contextmanager
def operator_of(site: Site) -> Iterator[Operator]:
    """Open a shell with the site's own data."""
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(site.folder), "PYTHONPATH": str(ROOT)}
    shell = subprocess.Popen(
        [sys.executable, "-c", _SHELL],
        cwd=ROOT,
        env={**env, "DJANGO_SETTINGS_MODULE": "project.settings", "PORT": str(site.port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Operator(shell)
    finally:
        shell.communicate(timeout=20)

"""An office's network, which lets some of the ways to be live through and refuses others."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error, Route, WebSocketRoute, expect

from tests.browser.tab import Tab

#: What a page says of the way by which it is live.
SOCKET, STREAM, POLL = "Live", "Live (by a stream)", "Live (by polling)"


class Office:
    """The network that one tab is in."""

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
    for _ in range(100):  # a loaded machine may take its time
        with suppress(AssertionError):
            expect(status).to_be_visible(timeout=500)
            return
        if again.is_visible():
            with suppress(Error):  # it may be gone meanwhile
                again.click(timeout=500)
    expect(status).to_be_visible()

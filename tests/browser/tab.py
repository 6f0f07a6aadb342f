"""One browser tab, in the words of the person in front of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.acceptance.site import PASSWORD, Site

#: Keeps what the page applied, in order, with each event's place.
_RECORD = """
window.applied = []
addEventListener("bellwire:event", ({ detail: { place, publication } }) =>
  window.applied.push([place.offset, publication.type, publication.job?.id]))
"""


#: As a site's own script does it: the policy lets no style be written into the page.
_STYLE = """rules => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(rules)
  document.adoptedStyleSheets.push(sheet)
}"""


class Tab:
    """A page of the site; where it is `cuttable`, its WebSocket goes through this process."""

    def __init__(self, page: Page, site: Site, *, cuttable: bool = True) -> None:
        self.page, self.site = page, site
        self.is_cut = False
        self.errors, self.hosts = list[str](), set[str]()
        self._line: WebSocketRoute | None = None
        page.add_init_script(_RECORD)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        if cuttable:
            page.route_web_socket("**/connection/websocket", self._connect)

    def open(self, path: str) -> None:
        self.page.goto(self.site.origin + path)

    def log_in(self, name: str) -> None:
        self.open("/login/")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.is_live()

    def is_live(self) -> None:
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible(timeout=30_000)

    def style(self, rules: str) -> None:
        """Have the site's own rules hold as well."""
        self.page.evaluate(_STYLE, rules)

    def choose(self, kind: str) -> None:
        self.page.locator("job-starter label", has_text=kind).click()

    def start(self, *files: Path) -> None:
        """Bring files, and start the chosen kind of job on them."""
        self.page.locator("file-picker input").set_input_files(files)
        self.page.get_by_role("button", name="Start").click()

    def newest(self) -> Any:
        """The job at the top of the list."""
        return self.page.locator("job-list job-card").first

    def cut(self) -> None:
        """Cut the line, and let no other through."""
        assert self._line
        self.is_cut = True
        self._line.close(code=1012)

    def mend(self) -> None:
        self.is_cut = False

    def applied(self) -> list[tuple[int, str, str]]:
        """What this page has applied: offset, type, job."""
        return [(offset, type_, job) for offset, type_, job in self.page.evaluate("applied")]

    def was_clean(self) -> None:
        assert self.errors == []
        assert self.hosts <= {f"127.0.0.1:{self.site.port}"}

    def bar_is_past(self, part: float) -> None:
        self.page.wait_for_function(_BAR_IS_PAST, arg=part, timeout=60_000, polling=50)

    def _connect(self, line: WebSocketRoute) -> None:
        if self.is_cut:
            line.close(code=1012)
            return
        self._line = line
        line.connect_to_server()


_BAR_IS_PAST = """part => {
  const card = document.querySelector("job-list")?.shadowRoot.querySelector("job-card")
  const bar = card?.shadowRoot.querySelector("job-progress")?.shadowRoot.querySelector("progress")
  return Boolean(bar?.hasAttribute("value") && bar.value > part)
}"""

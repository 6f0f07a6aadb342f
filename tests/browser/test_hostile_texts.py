"""What somebody else wrote is shown as text: as the page comes, and as it is told live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.acceptance.site import Person, Site
from tests.browser.tab import Tab

pytestmark = pytest.mark.slow

SECONDS = 60_000  # a loaded machine may take its time
IMAGE = "<img src=x onerror=window.pwned=1>"
#: What is shown of it is what is written here, but for what has no width.
HOSTILE = (
    f"{IMAGE} </script><script>window.pwned=1</script> javascript:alert(1)"
    " {{7*7}} ${7*7} &lt;b&gt; \u202egnp.exe\u202c z\u200be\u2066ro \u2028next\u2029last"
)
LONG = f"{IMAGE}{'W' * 60_000}"

_WATCH = """
window.violations = []
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  violations.push(`${effectiveDirective} ${blockedURI}`))
"""
#: All elements, those in shadow roots too, that a text became, and links that leave the web.
_HARM = """() => {
  const found = [...window.violations, ...("pwned" in window ? ["pwned"] : [])]
  const search = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const { tagName, href, shadowRoot } = element
      const isMade = element.matches("img[src=x], [onerror], script:not([src]):not([type])")
      const leads = typeof href === "string" && href && !/^https?:/.test(href)
      if (isMade || leads) found.push(`${tagName} ${href ?? ""}`)
      if (shadowRoot) search(shadowRoot)
    }
  }
  search(document)
  return found
}"""


@pytest.fixture
def harmless(alice: Tab, bob: Tab) -> Iterator[None]:
    """Nothing that is said in this test becomes anything but text, on no page, at no time."""
    dialogs: list[str] = []
    for tab in (alice, bob):
        tab.page.add_init_script(_WATCH)
        tab.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    alice.open("/")
    alice.is_live()
    yield
    assert dialogs == []


@pytest.fixture
def end(tmp_path: Path) -> Iterator[Path]:
    """Where jobs of a test look for leave to end, which they have after it."""
    yield tmp_path / "end"
    (tmp_path / "end").touch()


def assert_it_is_text(tab: Tab) -> None:
    assert tab.page.evaluate(_HARM) == []


def see(tab: Tab, path: str, text: str = HOSTILE) -> None:
    """Open a page afresh, and find the text on it as it was written."""
    tab.open(path)
    expect(tab.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=SECONDS)
    assert_it_is_text(tab)


@pytest.mark.usefixtures("harmless")
@pytest.mark.parametrize("fails", [False, True], ids=["as a result", "as an error"])
def test_whatever_a_job_says_is_text(
    alice: Tab, bob: Tab, site: Site, end: Path, fails: bool
) -> None:
    page = alice.page
    told = {"said": HOSTILE, "path": str(end), "fails": fails}
    job = Person(site, "alice").start("parrot", **told)["id"]

    expect(page.locator("toast-region .said").first).to_contain_text(IMAGE, timeout=SECONDS)
    expect(alice.newest().locator("h3")).to_have_text(IMAGE, timeout=SECONDS)
    expect(alice.newest()).to_contain_text(HOSTILE, timeout=SECONDS)
    assert_it_is_text(alice)
    see(alice, "/")
    see(alice, f"/jobs/{job}/")
    first_line = HOSTILE.split(" \u2028")[0]
    for line in ("#L1.step", "#L4.info"):
        expect(page.locator(f"job-output {line}")).to_contain_text(first_line, timeout=SECONDS)
    expect(page).to_have_title(re.compile(re.escape(IMAGE)))

    end.touch()
    ended = page.locator(".error" if fails else ".result")
    expect(ended).to_contain_text(IMAGE, timeout=SECONDS)
    assert_it_is_text(alice)
    for path in (f"/jobs/{job}/", "/", "/inbox/", f"/jobs/{job}/repeat/"):
        see(alice, path, IMAGE)
    see(bob, f"/admin/tasks/job/{job}/change/", IMAGE)
    see(bob, "/operations/", IMAGE) if fails else None


@pytest.mark.usefixtures("harmless")
def test_a_card_that_comes_while_the_inbox_is_open_is_text(
    alice: Tab, site: Site, end: Path
) -> None:
    alice.open("/inbox/")
    alice.is_live()
    end.touch()
    Person(site, "alice").start("parrot", said=HOSTILE, path=str(end), fails=True)

    expect(alice.page.get_by_role("article").first).to_contain_text(IMAGE, timeout=SECONDS)
    assert_it_is_text(alice)


@pytest.mark.usefixtures("harmless")
def test_a_link_that_runs_a_script_is_no_link(alice: Tab) -> None:
    alice.page.evaluate(
        "detail => dispatchEvent(new CustomEvent('bellwire:toast', { detail }))",
        {"title": HOSTILE, "body": HOSTILE, "link": "javascript:window.pwned=1"},
    )

    said = alice.page.locator("toast-region .said")
    expect(said).to_contain_text(HOSTILE)
    expect(said.get_by_role("link")).to_have_count(0)
    assert_it_is_text(alice)


@pytest.mark.usefixtures("harmless")
def test_a_files_name_is_text(alice: Tab, site: Site) -> None:
    person = Person(site, "alice")
    name = f"{IMAGE}{{{{7*7}}}}\u202evsc.csv"
    file = person.upload(quote(name), b"a,b\n1,2\n", "text/csv")
    job = person.start("reports", file=file)["id"]

    see(alice, f"/jobs/{job}/", f"{IMAGE}{{{{7*7}}}}vsc.csv")


@pytest.mark.usefixtures("harmless")
def test_a_text_of_60_kib_neither_breaks_a_page_nor_makes_it_wider(
    alice: Tab, site: Site, end: Path
) -> None:
    alice.page.set_viewport_size({"width": 360, "height": 740})
    end.touch()
    job = Person(site, "alice").start("parrot", said=LONG, path=str(end), fails=False)["id"]

    for path in ("/", f"/jobs/{job}/", "/inbox/"):
        see(alice, path, IMAGE)
        assert alice.page.evaluate("document.documentElement.scrollWidth") == 360, path

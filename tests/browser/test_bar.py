"""A job's bar is seen by whoever chose their own colours, and stands still for who wants that."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.acceptance.site import Person, Site
from tests.browser.tab import Tab

pytestmark = pytest.mark.slow

SECONDS = 30_000  # a loaded machine may take its time


@pytest.fixture
def halfway(alice: Tab, site: Site, tmp_path: Path) -> Iterator[Locator]:
    """The bar of a job that is halfway, on its page."""
    told = {"said": "halfway there", "path": str(tmp_path / "end"), "fails": False}
    yield bar(alice, Person(site, "alice").start("parrot", **told), "[value='0.5']")
    (tmp_path / "end").touch()


@pytest.fixture
def endless(alice: Tab, site: Site) -> Iterator[Locator]:
    """The bar of a job that runs and does not tell how far it is."""
    person = Person(site, "alice")
    job = person.start("talk", end="cancel")
    yield bar(alice, job, ".running:indeterminate")
    person.request("POST", f"/api/jobs/{job['id']}/cancel", {})


def bar(tab: Tab, job: dict[str, Any], state: str) -> Locator:
    tab.open(f"/jobs/{job['id']}/")
    tab.is_live()
    bar = tab.page.locator(f"job-progress progress{state}")
    expect(bar).to_be_visible(timeout=SECONDS)
    return bar


def colours(bar: Locator, *places: float) -> list[Any]:
    """What is seen in the bar's middle at these parts of its length."""
    picture = Image.open(BytesIO(bar.screenshot())).convert("RGB")
    return [picture.getpixel((int(picture.width * at), picture.height // 2)) for at in places]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("forced", ["none", "active"])
def test_what_is_done_differs_from_what_is_not(
    alice: Tab, halfway: Locator, scheme: Any, forced: Any
) -> None:
    # With less motion the bar does not grow: it is there.
    alice.page.emulate_media(color_scheme=scheme, forced_colors=forced, reduced_motion="reduce")

    done, more_done, to_do, more_to_do = colours(halfway, 0.1, 0.4, 0.6, 0.9)

    assert done == more_done
    assert to_do == more_to_do
    assert max(abs(one - other) for one, other in zip(done, to_do, strict=True)) > 60


def test_in_forced_colours_the_bar_is_drawn_in_those(alice: Tab, halfway: Locator) -> None:
    alice.page.emulate_media(forced_colors="active")
    drawn = halfway.evaluate("bar => getComputedStyle(bar).color")

    assert drawn == alice.page.evaluate(_COLOUR_OF, "Highlight")


def test_a_bar_without_an_end_moves_but_for_who_wants_less_motion(
    alice: Tab, endless: Locator
) -> None:
    name = "bar => getComputedStyle(bar).animationName"
    assert endless.evaluate(name) == "travel"
    alice.page.emulate_media(reduced_motion="reduce")

    assert endless.evaluate(name) == "none"
    assert len(set(colours(endless, *(n / 40 for n in range(4, 36))))) > 1


_COLOUR_OF = """name => {
  const probe = document.body.appendChild(document.createElement("p"))
  probe.style.forcedColorAdjust = "none"
  probe.style.color = name
  return getComputedStyle(probe).color
}"""

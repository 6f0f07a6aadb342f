"""A page themes what is inside a job's elements by their parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.site import Person, Site, wait_until
from tests.browser.tab import Tab

pytestmark = pytest.mark.slow

SECONDS = 30_000  # a loaded machine may take its time
PINK = "rgb(255, 0, 128)"


@pytest.fixture
def jobs(site: Site, tmp_path: Path) -> Iterator[dict[str, str]]:
    """One job of Alice's that has failed, one that is done, and one that runs, and says so."""
    alice, end = Person(site, "alice"), tmp_path / "end"
    told = {"said": "halfway there", "path": str(end), "fails": False}
    jobs = {
        "failed": alice.start("refuse"),
        "done": alice.start("echo", word="hello"),
        "running": alice.start("parrot", **told),
    }
    ids = {name: str(job["id"]) for name, job in jobs.items()}
    wait_until(lambda: alice.request("GET", f"/api/jobs/{ids['running']}")[1]["progress"], 60)
    yield ids
    end.touch()


def is_pink(tab: Tab, rule: str, inside: Locator) -> None:
    """See that what the rule means, and no other, is pink."""
    # No element passes this colour on to those inside it.
    colour = "element => getComputedStyle(element).outlineColor"
    expect(inside).to_be_visible(timeout=SECONDS)
    assert inside.evaluate(colour) != PINK
    tab.style(f"{rule} {{ outline-color: {PINK} }}")
    assert inside.evaluate(colour) == PINK, rule


def test_a_list_shows_the_parts_of_its_cards_and_of_their_bars(
    alice: Tab, jobs: dict[str, str]
) -> None:
    alice.open("/")
    alice.is_live()
    card = {name: alice.page.locator(f"job-card[job='{id}']") for name, id in jobs.items()}
    card["done"].get_by_role("button", name="Show the result").click()

    is_pink(alice, "job-list::part(card)", card["running"])
    is_pink(alice, "job-list::part(title)", card["running"].locator("h3"))
    is_pink(alice, "job-list::part(actions)", card["running"].locator("[part=actions]"))
    is_pink(alice, "job-list::part(error)", card["failed"].locator(".error"))
    is_pink(alice, "job-list::part(result)", card["done"].locator(".result"))
    is_pink(alice, "job-list::part(state)", card["failed"].locator("job-progress .failed"))
    is_pink(alice, "job-list::part(message)", card["running"].get_by_text(", halfway there"))
    is_pink(alice, "job-list::part(figures)", card["running"].get_by_text("50%"))
    is_pink(alice, "job-list::part(bar)", card["running"].locator("progress"))


def test_a_list_names_what_is_not_a_card(alice: Tab, site: Site) -> None:
    alice.open("/?q=no+such+words")
    is_pink(alice, "job-list::part(empty)", alice.page.locator("job-list [part=empty]"))

    person = Person(site, "alice")
    for _ in range(40):
        person.start("nothing")
    alice.open("/")
    alice.is_live()
    older = alice.page.get_by_role("button", name="Show older jobs")
    alice.page.route("**/api/jobs?*", lambda route: None)  # more of them are read on the way down
    is_pink(alice, "job-list::part(older)", older)
    alice.page.locator("job-card").nth(12).locator("button").last.focus()
    person.start("nothing")
    is_pink(alice, "job-list::part(pill)", alice.page.get_by_role("button", name="1 new job"))


def test_a_jobs_own_page_themes_each_element(alice: Tab, jobs: dict[str, str]) -> None:
    alice.open(f"/jobs/{jobs['running']}/")
    alice.is_live()
    page = alice.page

    is_pink(alice, "job-card::part(actions)", page.locator("job-card [part=actions]"))
    is_pink(alice, "job-card::part(bar)", page.locator("job-card progress[part=bar]"))
    step = page.locator("job-timeline [part=step]").first
    is_pink(alice, "job-timeline::part(step)", step)
    for part in ("time", "about"):
        is_pink(alice, f"job-timeline::part({part})", step.locator(f"[part={part}]"))
    output = page.locator("job-output")
    is_pink(alice, "job-output::part(tools)", output.locator(".bar"))
    is_pink(alice, "job-output::part(number)", output.locator("li > a").first)
    is_pink(alice, "job-output::part(info)", output.locator("li[part~=info]").first)

    alice.open(f"/jobs/{jobs['failed']}/")
    is_pink(alice, "job-timeline::part(error)", page.locator("job-timeline [part=error]"))
    is_pink(alice, "job-card::part(error)", page.locator("job-card .error"))

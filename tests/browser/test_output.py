"""What a job says is read while it says it, and is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.site import Person, Site, wait_until
from tests.browser.tab import Tab

SECONDS = 30_000  # a loaded machine may take its time
VERSES = [f"verse {n}" + "!" * (n % 10 == 0) for n in range(1, 301)]


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Path]:
    """What a job recites, until the test is over."""
    script = tmp_path / "script"
    script.write_text("\n".join([*VERSES, ""]))
    yield script
    script.unlink()


@pytest.fixture
def output(alice: Tab, site: Site, script: Path) -> Locator:
    """What a job says that runs, on its page."""
    job = Person(site, "alice").start("recite", path=str(script))["id"]
    alice.open(f"/jobs/{job}/")
    alice.is_live()
    output = alice.page.locator("job-output")
    expect(output.locator("li")).to_have_count(len(VERSES), timeout=SECONDS)
    return output


def say(output: Locator, script: Path, line: str) -> None:
    """Have the job say one more line, and see it come."""
    with script.open("a") as file:
        file.write(f"{line}\n")
    expect(output.locator("li").last).to_contain_text(line, timeout=SECONDS)


def is_at_its_end(output: Locator) -> bool:
    """Whether the box of its lines is scrolled to the last one."""
    box = "box => box.scrollHeight > box.clientHeight && ({})"
    rest = "box.scrollHeight - box.scrollTop - box.clientHeight < 2"
    return bool(output.locator(".lines").evaluate(box.format(rest)))


def test_what_a_job_says_is_followed_until_somebody_scrolls_up(
    alice: Tab, output: Locator, script: Path
) -> None:
    follow, end = output.get_by_label("Follow"), output.get_by_text("Jump to the end")
    say(output, script, "followed")
    wait_until(lambda: is_at_its_end(output))
    expect(follow).to_be_checked()
    expect(end).to_be_hidden()

    output.locator(".lines").hover()
    alice.page.mouse.wheel(0, -1_500)
    expect(end).to_be_visible()
    expect(follow).not_to_be_checked()
    say(output, script, "missed")
    assert not is_at_its_end(output)

    end.click()
    expect(end).to_be_hidden()
    expect(follow).to_be_checked()
    wait_until(lambda: is_at_its_end(output))
    say(output, script, "followed again")
    wait_until(lambda: is_at_its_end(output))


def test_lines_are_chosen_by_their_level_and_shown_with_their_times(output: Locator) -> None:
    expect(output.locator("time")).to_have_count(0)
    output.get_by_label("Times").check()
    expect(output.locator("li time").last).to_be_visible()

    output.get_by_label("Level").select_option("Warnings and errors")
    warnings = [verse for verse in VERSES if verse.endswith("!")]
    expect(output.locator("li .text")).to_have_text(warnings)
    output.get_by_label("Level").select_option("Errors")
    expect(output).to_contain_text("No line of this level here.")
    output.get_by_label("Level").select_option("All lines")
    expect(output.locator("li")).to_have_count(len(VERSES))


def test_all_that_a_job_has_said_is_downloaded(alice: Tab, output: Locator) -> None:
    with alice.page.expect_download() as download:
        output.get_by_text("Download").click()

    lines = download.value.path().read_text().splitlines()
    assert len(lines) == len(VERSES)
    assert all(line.endswith(verse) for line, verse in zip(lines, VERSES, strict=True))

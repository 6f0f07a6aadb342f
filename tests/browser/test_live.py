"""What people see: a job from the upload to its result, whatever happens to the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.acceptance.site import Site, wait_until
from tests.browser.tab import Tab

MAILED = re.compile("Mailing.*Done.*sent", re.DOTALL)
SECONDS = 60_000  # a loaded machine may take its time


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of some megabytes: several parts to upload, seconds to read."""
    return _table(tmp_path_factory.mktemp("tables") / "towns.csv", 300_000)


@pytest.fixture(scope="session")
def long_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table that takes longer to read than a person takes to stop it."""
    return _table(tmp_path_factory.mktemp("tables") / "places.csv", 1_500_000)


def _table(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("town,county,population,height\n")
        file.writelines(
            f"Town {n},County {n % 97},{n * 7919 % 100_003},{n % 4_001}\n" for n in range(rows)
        )
    return path


def state_of(tab: Tab, job: str) -> str:
    answer = tab.page.request.get(f"{tab.site.origin}/api/jobs/{job}").json()
    return str(answer["state"])


def test_a_job_is_watched_from_the_upload_to_its_result_although_the_line_is_cut(
    alice: Tab, table: Path
) -> None:
    alice.start(table)
    alice.bar_is_past(0.05)
    alice.bar_is_past(0.15)
    alice.cut()
    expect(alice.page.get_by_text("Reconnecting")).to_be_visible()
    job = alice.applied()[0][2]
    wait_until(lambda: state_of(alice, job) == "succeeded", seconds=90)
    alice.mend()

    expect(alice.newest()).to_contain_text("300,000 rows, 4 columns.", timeout=SECONDS)
    alice.is_live()
    types = [type_ for _, type_, of in alice.applied() if of == job]
    assert types == ["job.queued", "job.started", "job.succeeded"]
    offsets = [offset for offset, _, _ in alice.applied()]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))


def test_another_tab_follows_on_whichever_process_it_is(
    alice: Tab, another_tab: Tab, site: Site
) -> None:
    def are_apart() -> bool:
        another_tab.open("/")
        another_tab.is_live()
        return all(count > 0 for count in site.sockets().values())

    wait_until(are_apart, seconds=60)
    alice.choose("Mailing")
    alice.page.get_by_role("button", name="Use a sample").click()

    for tab in (alice, another_tab):
        expect(tab.newest()).to_contain_text(MAILED, timeout=SECONDS)


def test_a_job_that_is_stopped_says_so_in_every_tab(
    alice: Tab, another_tab: Tab, long_table: Path
) -> None:
    alice.start(long_table)
    alice.bar_is_past(0)
    alice.newest().get_by_role("button", name="Stop this job").click()

    for tab in (alice, another_tab):
        expect(tab.newest()).to_contain_text("Cancelled", timeout=SECONDS)


def test_photos_become_a_gallery(alice: Tab) -> None:
    alice.choose("Pictures")
    alice.page.get_by_role("button", name="Use a sample").click()

    picture = alice.newest().locator("img").first
    expect(picture).to_be_visible(timeout=SECONDS)
    assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 0


def test_a_page_that_is_opened_late_shows_where_the_job_is(alice: Tab, table: Path) -> None:
    alice.start(table)
    alice.bar_is_past(0.02)
    alice.page.reload()
    alice.bar_is_past(0.02)

    expect(alice.newest()).to_contain_text("300,000 rows, 4 columns.", timeout=SECONDS)


def test_a_job_that_was_started_leaves_the_form_ready_for_the_next(
    alice: Tab, tmp_path: Path
) -> None:
    small = tmp_path / "small.csv"
    small.write_text("a,b\n1,2\n")
    alice.start(small)
    expect(alice.page.get_by_text("Report started.")).to_be_visible()

    expect(alice.page.get_by_role("radio", name="Report")).to_be_checked()
    expect(alice.page.get_by_role("button", name="Start")).to_be_disabled()
    alice.choose("Mailing")
    alice.page.get_by_label("Subject").fill("Hello")
    alice.page.get_by_label("Letter").fill("How are you?")
    alice.page.get_by_label("Recipients").fill("bob@example.org\ncarol@example.org")
    alice.page.get_by_role("button", name="Send").click()

    expect(alice.newest()).to_contain_text(MAILED, timeout=SECONDS)
    expect(alice.page.get_by_label("Subject")).to_have_value("")

"""A list of ten thousand jobs is as calm as one of ten: no long task, and no memory that stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.site import PASSWORD, Person, Site, wait_until
from tests.browser.shell import Shell, shell_of
from tests.browser.tab import Tab
from tests.browser.trace import Heap, traced

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MANY = 10_000
#: A task that is longer makes people wait for what they touched (the W3C's Long Tasks: 50 ms, by
#: a wall clock on a machine of their own); this is of the processor's time, on any machine.
LONGEST_MS = 100
#: Two screens of jobs, and what is near them.
MOST_DRAWN = 150
#: What may stay after a thousand updates: less than 300 bytes of each.
LEAK_BYTES = 256 * 1024
SECONDS = 60_000  # a loaded machine may take its time

#: Ten thousand jobs of Dora's, most of them over; those that are not wait for a day or run for one.
MAKE = f"""
from datetime import timedelta
from django.utils import timezone
from tasks.models import Job
dora = User.objects.create_user("dora", password={PASSWORD!r})
now = timezone.now()
later = now + timedelta(days=1)
over = [
    {{"state": "succeeded", "result": {{"sent": 3, "perhaps_sent": [], "refused": []}}}},
    {{"state": "succeeded", "result": {{"sent": 1, "perhaps_sent": [], "refused": []}}}},
    {{"state": "failed", "error": "No letter was taken. The mail server said no, and why. " * 3}},
    {{"state": "cancelled", "error": ""}},
]
live = [
    {{"state": "running", "attempt": 1, "started_at": now, "lease_until": later, "deadline": later,
     "progress": {{"current": 3, "total": 9, "message": "", "rate": None, "eta": None}}}},
    {{"state": "queued", "run_after": later}},
    {{"state": "retrying", "attempt": 1, "run_after": later}},
]
def fields(n):
    if n % 500 == {MANY - 1} % 500:  # the newest runs
        return live[({MANY - 1} - n) // 500 % 3]
    return over[n % 4] | {{"attempt": 1, "started_at": now, "finished_at": now}}
Job.objects.bulk_create(
    [Job(owner=dora, kind="mail", queue="mail", queued_at=now, **fields(n)) for n in range({MANY})],
    batch_size=500,
)
"""

#: Updates of the newest job, which runs, by the way that they take from a worker.
UPDATE = """
from tasks import announce
from tasks.models import Job
job = Job.objects.filter(owner__username="dora", state="running").latest("pk")
def update(times):
    for n in range(times):
        job.progress = {"current": n, "total": times, "message": f"step {n}", "rate": 1, "eta": 9}
        announce.progressed(job, time.time_ns())
        time.sleep(0.002)
"""

#: The first thousand by scrolling to the end, as people do; the rest by the button that is there.
_LOAD_ALL = """async many => {
  const list = document.querySelector("job-list")
  const count = () => [...list.renderRoot.querySelectorAll("job-block")]
    .reduce((sum, { ids }) => sum + ids.length, 0)
  const late = performance.now() + 240_000
  while (count() < many && performance.now() < late) {
    if (count() < 1_000) scrollTo(0, document.body.scrollHeight)
    else list.renderRoot.querySelector(".more button")?.click()
    await new Promise(requestAnimationFrame)
  }
  return count()
}"""
_SCROLL = """async pixels => {
  for (let place = scrollY; scrollY < place + pixels;) {
    const before = scrollY
    scrollBy(0, innerHeight / 3)
    await new Promise(requestAnimationFrame)
    if (scrollY === before) return
  }
}"""
_JUMP = """async part => {
  scrollTo(0, document.body.scrollHeight * part)
  for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame)
}"""
#: Ten seconds of a page that is left alone, in which its timers let go of what they held.
_REST = """async () => {
  for (let frame = 0; frame < 600; frame++) await new Promise(requestAnimationFrame)
}"""
_DRAWN = """() =>
  document.querySelector("job-list").renderRoot.querySelectorAll("job-card").length"""


@pytest.fixture(scope="module")
def shell(site: Site) -> Iterator[Shell]:
    with shell_of(site) as shell:
        shell.do(f"exec({MAKE!r})")
        shell.do(f"exec({UPDATE!r})")
        yield shell


@pytest.fixture(scope="module")
def dora(browser: Browser, site: Site, shell: Shell) -> Iterator[Tab]:
    """Dora's page, with all of her jobs in its list."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SECONDS)
    tab = Tab(context.new_page(), site)
    tab.log_in("dora")
    assert tab.page.evaluate(_LOAD_ALL, MANY) >= MANY
    yield tab
    tab.was_clean()
    context.close()


def stops_nowhere(tab: Tab, act: Callable[[], None]) -> bool:
    """Tell whether no task is long while somebody does this.

    It is done up to three times: what the page costs is there each time, what the machine adds to
    it (a processor that others have slowed down) is not.
    """
    for _ in range(3):
        with traced(tab.page) as tasks:
            act()
        if tasks.longest < LONGEST_MS:
            return True
    return False


def test_scrolling_and_jumping_through_them_stops_the_page_nowhere(dora: Tab) -> None:
    def look_around() -> None:
        for part in (0.5, 0.95, 0.1):
            dora.page.evaluate(_JUMP, part)
            dora.page.evaluate(_SCROLL, 4_000)
            assert 0 < dora.page.evaluate(_DRAWN) < MOST_DRAWN

    assert stops_nowhere(dora, look_around)


def test_updates_leave_nothing_behind(dora: Tab, shell: Shell) -> None:
    heap = Heap(dora.page)

    def stays() -> int:
        dora.page.evaluate(_REST)
        return heap.used()

    dora.page.evaluate(_JUMP, 0)
    shell.do("update(500)")
    before = stays()
    shell.do("update(1000)")
    assert stays() - before < LEAK_BYTES


@pytest.mark.parametrize("part", [pytest.param(0, id="at the top"), pytest.param(0.5, id="amid")])
def test_what_arrives_live_stops_it_nowhere(
    dora: Tab, shell: Shell, site: Site, part: float
) -> None:
    person = Person(site, "dora")
    letter = {"subject": "Hello", "body": "", "recipients": ["bob@example.org"]}

    def hear_much() -> None:
        before = len(dora.applied())
        shell.begin("update(300)")
        for _ in range(5):
            person.start("mail", **letter)
        shell.wait()
        shell.do("[notify(User.objects.get(username='dora'), f'Note {n}') for n in range(50)]")
        wait_until(lambda: len(dora.applied()) >= before + 5 * 4 + 50, seconds=60)

    dora.page.evaluate(_JUMP, part)
    assert stops_nowhere(dora, hear_much)
    pill = dora.page.get_by_role("button", name=re.compile(r"^\d+ new jobs$"))
    expect(pill).to_have_count(1 if part else 0)

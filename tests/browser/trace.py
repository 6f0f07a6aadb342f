"""What one page costs: the processor's time of each of its tasks, and the memory that stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

_TASKS = "disabled-by-default-devtools.timeline"


class Tasks:
    """The tasks of the pages' main threads while they were traced."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    @property
    def longest(self) -> float:
        return max(self.milliseconds)


@contextmanager
def traced(page: Page) -> Iterator[Tasks]:
    """Trace all tasks until the block ends.

    Each is measured by its thread's own clock, ``tdur``: where others use the machine too, the
    time that a task waits for a processor is none of its own.
    """
    browser = page.context.browser
    assert browser
    tasks = Tasks()
    browser.start_tracing(page=page, categories=[_TASKS])
    try:
        yield tasks
    finally:
        trace = json.loads(browser.stop_tracing())
    events = trace["traceEvents"]
    pages = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks.milliseconds = [
        event["tdur"] / 1000
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in pages and "tdur" in event
    ]


class Heap:
    """What a page's scripts keep."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def used(self) -> int:
        """Collect all garbage; give the bytes that are left."""
        self._session.send("HeapProfiler.collectGarbage")
        return int(self._session.send("Runtime.getHeapUsage")["usedSize"])

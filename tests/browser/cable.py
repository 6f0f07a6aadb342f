"""The cable between a browser and the site, for tests that pull it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread
from typing import Any

from tests.acceptance.site import Site
from tests.chaos.harness.proxy import Proxy


class Cable:
    """Leads to a site, which is then at another port, and can be pulled."""

    def __init__(self, site: Site) -> None:
        self._proxy = Proxy([site.port])
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="cable")
        self._thread.start()
        self._run(self._proxy.open())
        self.site = Site(site.folder, site.process, self._proxy.port)

    def pull(self) -> None:
        """Break every line, and let none through until it is plugged in."""
        self._call(self._proxy.refuse)
        self._call(self._proxy.reset)

    def swallow(self) -> None:
        """Let nothing through in either direction, though every line stays open."""
        self._call(self._proxy.swallow)

    def slow(self, bytes_per_second: float) -> None:
        """Let only so much of what the site sends through."""
        self._call(lambda: self._proxy.slow(bytes_per_second))

    def plug_in(self) -> None:
        """Be a good line again."""
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

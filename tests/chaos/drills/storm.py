"""``python -m tests.chaos.drills.storm``: all servers die under a thousand sockets at once.

Both Daphnes are killed, each user is told something while they are dead, and they are started
again after 2 s: everybody comes back and has missed nothing, 95 % within 10 s of the killing,
for at most three queries each.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.checker import check
from tests.chaos.drills.ground import drilling, publish
from tests.chaos.evidence import load
from tests.chaos.figures import quantile
from tests.chaos.harness.arrivals import all_clients_arrive
from tests.chaos.harness.audience import Audience, Habits
from tests.chaos.harness.platform import Platform
from tests.chaos.harness.waiting import until
from tests.chaos.records import Connected

SOCKETS, DEAD_SECONDS, REST_SECONDS = 1_000, 2.0, 120.0
MOST_SECONDS, MOST_QUERIES = 10.0, 3.0


async def drill(folder: Path) -> int:
    """Run it and print what came; return 0 if all is as promised."""
    async with drilling(folder, SOCKETS, 2, Habits(kinds=("python",), is_proxied=False)) as site:
        platform = site.platform
        await _all_arrive(site)
        began = time.monotonic()
        await asyncio.gather(*(web.kill() for web in platform.webs))
        telling = asyncio.create_task(publish(platform, "each", SOCKETS))
        await asyncio.sleep(DEAD_SECONDS)
        for web in platform.webs:
            web.start()
        await telling
        await until(lambda: asyncio.to_thread(_all_are_back, platform), REST_SECONDS, every=0.5)
        queries = sum(_metric(platform, "chaos_queries_total")) / SOCKETS
        await all_clients_arrive(platform.database, platform.journals, site.seats, REST_SECONDS)
    return report(folder / "journals", began, queries)


async def _all_arrive(site: Audience) -> None:
    """Tell each user something, and wait until each client has heard of it."""
    platform = site.platform
    await publish(platform, "each", SOCKETS)
    if not await all_clients_arrive(platform.database, platform.journals, site.seats, REST_SECONDS):
        raise RuntimeError("not everybody was there to begin with")


def report(journals: Path, began: float, queries: float) -> int:
    """Print how long it took everybody, and at what price; return 0 if all is as promised."""
    back = sorted(
        min(r.t for r in witness.of(Connected) if r.t > began) - began
        for witness in load(journals).witnesses
    )
    violations = check(journals)
    for violation in violations:
        print(f"{violation.verdict}: {violation.detail}")
    p50, p95 = quantile(back, 0.5) or 0, quantile(back, 0.95) or 0
    print(f"{len(back)} of {SOCKETS} back: p50 {p50:.1f} s, p95 {p95:.1f} s, last {back[-1]:.1f} s")
    print(f"{queries:.2f} queries per socket, {len(violations)} violations")
    is_well = len(back) == SOCKETS and p95 <= MOST_SECONDS and queries <= MOST_QUERIES
    return not is_well or bool(violations)


def _all_are_back(platform: Platform) -> bool:
    return sum(_metric(platform, "bellwire_sockets")) >= SOCKETS


def _metric(platform: Platform, name: str) -> list[float]:
    found = [re.search(rf"^{name} (\S+)", web.metrics(), re.MULTILINE) for web in platform.webs]
    return [float(match[1]) for match in found if match]


if __name__ == "__main__":
    sys.exit(asyncio.run(drill(Path(tempfile.mkdtemp(prefix="bw-storm-")))))

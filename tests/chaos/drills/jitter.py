"""``python -m tests.chaos.drills.jitter``: every line breaks again and again; nothing is lost.

AnyCable's benchmark of delivery under jitter, scaled by 50: 200 clients, 120 events at 2 a
second to all of them, every TCP connection reset about every 15 s and kept away for 2 s. Each
event must reach each client once and in order: 24,000 of 24,000.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.checker import check
from tests.chaos.drills.ground import delays, drilling, publish
from tests.chaos.evidence import load
from tests.chaos.figures import quantile
from tests.chaos.harness.audience import Habits
from tests.chaos.harness.proxy import Proxy
from tests.chaos.records import Applied

EVERYBODY = "site:all"
CLIENTS, EVENTS, PER_SECOND = 200, 120, 2.0
#: How long lines break; the events are published in the middle of it.
JITTER_SECONDS, LEAD_SECONDS, REST_SECONDS = 120.0, 10.0, 30.0
CUT_EVERY_SECONDS, AWAY_SECONDS = 15.0, 2.0


async def jitter(proxy: Proxy, dice: random.Random) -> int:
    """Break one client's line again and again; return how often."""
    until = asyncio.get_running_loop().time() + JITTER_SECONDS
    await asyncio.sleep(dice.uniform(0, CUT_EVERY_SECONDS))
    cuts = 0
    while asyncio.get_running_loop().time() < until:
        proxy.refuse()
        cuts += proxy.reset()
        await asyncio.sleep(AWAY_SECONDS)
        proxy.recover()
        await asyncio.sleep(dice.uniform(0.5, 1.5) * CUT_EVERY_SECONDS - AWAY_SECONDS)
    return cuts


async def drill(folder: Path) -> int:
    """Run it and print what came; return 0 if everything did."""
    habits = Habits(kinds=("python",), topics=(EVERYBODY,))
    async with drilling(folder, CLIENTS, 2, habits) as audience:
        dice = random.Random(1)
        lines = [
            asyncio.create_task(jitter(proxy, random.Random(dice.random())))
            for proxy in audience.proxies.values()
        ]
        await asyncio.sleep(LEAD_SECONDS)
        await publish(audience.platform, "ticks", EVENTS, PER_SECOND)
        cuts = sum(await asyncio.gather(*lines))
        await asyncio.sleep(REST_SECONDS)
    return report(folder / "journals", cuts)


def report(journals: Path, cuts: int) -> int:
    """Print the reach, the delays and the violations; return 0 if all is as promised."""
    run, violations = load(journals), check(journals)
    reached = sum(r.topic == EVERYBODY for w in run.witnesses for r in w.of(Applied))
    for violation in violations:
        print(f"{violation.verdict}: {violation.detail}")
    for name, replayed in (("live", False), ("replayed", True)):
        found = sorted(delays(journals, EVERYBODY, replayed=replayed))
        p50, p99 = quantile(found, 0.5) or 0, quantile(found, 0.99) or 0
        print(f"{len(found)} {name}: p50 {p50:.3f} s, p99 {p99:.3f} s")
    expected = CLIENTS * EVENTS
    print(f"{reached} of {expected} reached, {cuts} cuts, {len(violations)} violations")
    return reached != expected or bool(violations)


if __name__ == "__main__":
    sys.exit(asyncio.run(drill(Path(tempfile.mkdtemp(prefix="bw-jitter-")))))

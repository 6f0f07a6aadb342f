"""``python -m tests.chaos``: run the platform, break it, and have the checker judge what came.

Its last line is ``0 violations, N of N faults hit``, and it exits 0, if all is as promised; 1 is
a violation, 2 a run that proves nothing, because a fault did not hit. The seed that it prints
decides on faults, jobs and pauses; the journals stay in the folder that it prints, and
``python -m tests.chaos.checker FOLDER/journals`` judges them again.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos import checker
from tests.chaos.profiles import LONG, SHORT
from tests.chaos.run import Run

VIOLATED, INVALID = 1, 2


def main() -> int:
    """Run as the command line says; return the exit code."""
    chosen = _arguments()
    code = INVALID
    for seed in range(chosen.seed, chosen.seed + chosen.tries):
        code = _try(seed, chosen)
        if code != INVALID:
            break
    return code


def _try(seed: int, chosen: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="bw-chaos-", dir=chosen.folder))
    print(f"seed {seed}, {chosen.database}, in {folder}", flush=True)
    began = time.monotonic()
    run = Run(LONG if chosen.long else SHORT, folder, seed, chosen.database, _env(chosen))
    journals = asyncio.run(_whole(run))
    checker.main(journals)
    violations, invalid = checker.check(journals), checker.validity(journals)
    figures = checker.figures(journals)
    print(f"{time.monotonic() - began:.0f} s, seed {seed}" + ("; it is invalid" if invalid else ""))
    hit, planned = figures["faults_hit"], figures["faults_planned"]
    print(f"{len(violations)} violations, {hit} of {planned} faults hit", flush=True)
    return VIOLATED if violations else INVALID if invalid else 0


async def _whole(run: Run) -> Path:
    """Execute a run; told to leave, it takes all that it has started with it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    return await run.execute()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--long", action="store_true", help="the long run, of about 15 minutes")
    add("--seed", type=int, default=secrets.randbelow(10**6), help="what chance decides by")
    add("--tries", type=int, default=1, help="so many seeds, until one run proves something")
    add("--database", choices=["sqlite", "postgres"], default="sqlite")
    add("--folder", type=Path, help="where runs get a folder of their own (else below /tmp)")
    add("--bug", default="", help="one of the seeded bugs, which the checker must find")
    return parser.parse_args()


def _env(chosen: argparse.Namespace) -> dict[str, str]:
    return {"CHAOS_BUG": chosen.bug} if chosen.bug else {}


if __name__ == "__main__":
    sys.exit(main())

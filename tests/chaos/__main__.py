"""``python -m tests.chaos``: run the platform, break it, and have the checker judge what came.

Its last line is ``0 violations, N of N faults hit``, and it exits 0, if all is as promised. The
seed that it prints decides on faults, jobs and pauses; the journals stay in the folder that it
prints, and ``python -m tests.chaos.checker FOLDER/journals`` judges them again.
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


def main() -> int:
    """Run once, as the command line says; return the exit code."""
    chosen = _arguments()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="bw-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {chosen.seed}, {chosen.database}, in {folder}", flush=True)
    began = time.monotonic()
    run = Run(LONG if chosen.long else SHORT, folder, chosen.seed, chosen.database, _env(chosen))
    journals = asyncio.run(_whole(run))
    code = checker.main(journals)
    print(f"{time.monotonic() - began:.0f} s, seed {chosen.seed}")
    print(_verdict(journals))
    return code


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
    add("--database", choices=["sqlite", "postgres"], default="sqlite")
    add("--folder", type=Path, help="for the journals and logs (a new one below /tmp)")
    add("--bug", default="", help="one of the seeded bugs, which the checker must find")
    return parser.parse_args()


def _env(chosen: argparse.Namespace) -> dict[str, str]:
    return {"CHAOS_BUG": chosen.bug} if chosen.bug else {}


def _verdict(journals: Path) -> str:
    found, figures = len(checker.check(journals)), checker.figures(journals)
    hit, planned = figures["faults_hit"], figures["faults_planned"]
    invalid = "" if not checker.validity(journals) else "; the run is invalid"
    return f"{found} violations, {hit} of {planned} faults hit{invalid}"


if __name__ == "__main__":
    sys.exit(main())

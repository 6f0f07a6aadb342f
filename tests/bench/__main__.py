"""``python -m tests.bench [--quick] [--only ROW] [--side SIDE]``: every figure in one go.

One server process on one core, 1,000 logged-in sockets and the load on the other core;
the tutorial way, a bare floor and Bellwire one after the other. It prints Markdown.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Mapping

from tests.bench import works
from tests.bench.bellwire_side import Bellwire
from tests.bench.delivery import Findings, measure
from tests.bench.floor_side import Floor
from tests.bench.lab import QUICK, Lab, Scale, opened
from tests.bench.report import ROWS, ceiling, findings_table, machine, rounds_table
from tests.bench.side import Side
from tests.bench.tutorial_side import Tutorial

_ALL: tuple[Side, ...] = (Tutorial(), Bellwire(), Floor())
SIDES = {side.name: side for side in _ALL}


def main() -> None:
    """Measure and print."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through every finally
    began = time.monotonic()
    with opened(QUICK if options.quick else Scale()) as lab:
        names = options.side or list(SIDES)
        found = {name: _sockets(lab, name, options.only) for name in names}
        _works(lab, found, options.only)
    print(f"\n{machine()}. {lab.scale.sockets:,} sockets.\n")
    print(findings_table([*found.values()]), end="\n\n")
    print(rounds_table([*found.values()]), end="\n\n")
    print("\n".join(ceiling([*found.values()])))
    print(f"Took {time.monotonic() - began:.0f} s.")


def _sockets(lab: Lab, name: str, only: str | None) -> Findings:
    if only in works.ROWS:
        return Findings(name)
    print(f"{name} …", file=sys.stderr)
    return measure(lab, SIDES[name], lambda row: only in (None, row))


def _works(lab: Lab, found: Mapping[str, Findings], only: str | None) -> None:
    for row, measure_works in works.MEASURES:
        for name, side in works.SIDES.items():
            if name in found and only in (None, row):
                print(f"{name}: {row} …", file=sys.stderr)
                found[name].values |= measure_works(lab, side)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sockets and messages")
    parser.add_argument("--only", choices=sorted({row.key for row in ROWS}), help="one row")
    parser.add_argument("--side", action="append", choices=list(SIDES), help="one side or more")
    return parser.parse_args()


if __name__ == "__main__":
    main()

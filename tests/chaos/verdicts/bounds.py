"""Grew without bound: what a client that does not read costs the server."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos import records
from tests.chaos.evidence import Run

#: What no server may grow by while one client's line is held up.
MOST_BYTES = 20 * 1024 * 1024


def grew_without_bound(run: Run) -> Iterator[str]:
    """Tell of servers that grew by more than 20 MB while a client's line was held up.

    The nemesis writes by how much the one that grew most did so into the hit's evidence.
    """
    begun = {r.n: r for r in run.nemesis if isinstance(r, records.Begin)}
    for record in run.nemesis:
        if isinstance(record, records.Hit) and record.evidence.get("grown_bytes", 0) > MOST_BYTES:
            fault, grown = begun[record.n], record.evidence["grown_bytes"]
            yield f"a server grew by {grown / 2**20:.0f} MB: {fault.fault}, {fault.target}"

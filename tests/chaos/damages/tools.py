"""What damaging a journal takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.chaos.imagined import Imagined, Line

Damage = Callable[[Imagined], None]


def insert(run: Imagined, client: str, after: Line, *lines: Line) -> None:
    journal = run.files[f"client-{client}.jsonl"]
    at = next(n for n, line in enumerate(journal) if line is after) + 1
    journal[at:at] = lines


def swap(lines: list[Line], one: Line, other: Line) -> None:
    a, b = lines.index(one), lines.index(other)
    lines[a], lines[b] = {**other, "t": one["t"]}, {**one, "t": other["t"]}


def ledger(run: Imagined, job: str, op: str) -> Iterator[Line]:
    return (line for line in run.files["ledger.jsonl"] if (line["job"], line["op"]) == (job, op))

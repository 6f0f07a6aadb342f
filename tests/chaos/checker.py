"""The checker: from the journals of a chaos run to what was wrong in it.

It is a pure function over the files, and shares no code with the platform:
``python -m tests.chaos.checker JOURNALS`` prints the same for the same folder, for ever.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.chaos.evidence import Run, load
from tests.chaos.figures import figures_of
from tests.chaos.validity import faults_in
from tests.chaos.verdicts import bounds, convergence, delivery, inbox, jobs, origin, revocation

VERDICTS: Mapping[str, Callable[[Run], Iterator[str]]] = {
    "lost": delivery.lost,
    "duplicated": delivery.duplicated,
    "reordered": delivery.reordered,
    "phantom": origin.phantom,
    "foreign": origin.foreign,
    "gap without reload": delivery.gap_without_reload,
    "two final states": jobs.two_final_states,
    "final state changed": jobs.final_state_changed,
    "accepted but missing": jobs.accepted_but_missing,
    "after revocation": revocation.after_revocation,
    "inbox differs": inbox.inbox_differs,
    "not converged": convergence.not_converged,
    "grew without bound": bounds.grew_without_bound,
}


class Violation(NamedTuple):
    """One thing that was wrong: which promise was broken, and where that is seen."""

    verdict: str
    detail: str


def check(folder: Path) -> list[Violation]:
    """Judge a run by its journals; journal.Damaged if one of them cannot be read."""
    run = load(folder)
    return [
        Violation(verdict, detail) for verdict, find in VERDICTS.items() for detail in find(run)
    ]


def validity(folder: Path) -> list[str]:
    """Tell why a run proves nothing, whatever the verdicts say; empty if it counts."""
    return list(faults_in(load(folder)))


def figures(folder: Path) -> dict[str, object]:
    """Count what the run consisted of; see ``tests.chaos.figures``."""
    return figures_of(load(folder))


def main(folder: Path) -> int:
    """Print the figures, what makes the run invalid, and the violations; 0 if all is well."""
    print(json.dumps(figures(folder), indent=2))
    invalid, violations = validity(folder), check(folder)
    for reason in invalid:
        print(f"invalid: {reason}")
    for violation in violations:
        print(f"{violation.verdict}: {violation.detail}")
    return bool(invalid or violations)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""What can be wrong in a run: each function damages an imagined one in a single way.

Those of ``BEFORE`` are done while the platform still runs, so that clients see what it does;
those of ``AFTER`` to the journals of a run that was well. Each has the verdict that it deserves.
"""

from __future__ import annotations

from tests.chaos.damages import convergence, delivery, hearing, inbox, jobs
from tests.chaos.damages.tools import Damage

_KINDS = (delivery, hearing, jobs, inbox, convergence)

BEFORE: dict[Damage, str] = {
    damage: verdict for kind in _KINDS for damage, verdict in kind.BEFORE.items()
}
AFTER: dict[Damage, str] = {
    damage: verdict for kind in _KINDS for damage, verdict in kind.AFTER.items()
}

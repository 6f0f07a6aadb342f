"""The platform's own settings, and what a benchmark must hold still."""

from __future__ import annotations

from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS, JOB_QUEUES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.errand"]
JOB_QUEUES = (*JOB_QUEUES, "bench")

# A round's events are in the log a moment before they are told of; a position check in
# between would deliver them from there, and the round would measure the database.
# And the crowd comes from one address.
REALTIME = {
    "position_check_seconds": 3600.0,
    "max_sockets_per_address": 100_000,
    "burst_handshakes": 100_000,
}

"""The project's settings for chaos runs: jobs with a ledger and, if asked for, a seeded bug."""

from project import env
from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS, JOB_LEASE_SECONDS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.app"]
REALTIME = {
    "position_check_seconds": float(env.text("CHAOS_POSITION_CHECK_SECONDS", "10")),
    # A thousand sockets come back from one address, and at once.
    "burst_handshakes": 5_000,
    "max_sockets_per_address": 5_000,
}
#: How long a worker that says nothing keeps its jobs; the platform's own 30 s if empty.
JOB_LEASE_SECONDS = float(env.text("CHAOS_LEASE_SECONDS", "") or JOB_LEASE_SECONDS)
#: Whether servers count their queries, for /metrics.
CHAOS_COUNT_QUERIES = env.flag("CHAOS_COUNT_QUERIES", default=False)
#: Which of ``tests.chaos.app.bugs`` to plant; nothing else reads this.
CHAOS_BUG = env.text("CHAOS_BUG", "")

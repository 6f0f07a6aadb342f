"""Every Prometheus name of delivery, in one place. Counters end in ``_total`` on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import (
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from realtime.durations import Durations

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library lacks the annotation

# The server ----------------------------------------------------------------------------------

process = Info("bellwire_process", "Which process of the fleet this is.")
sockets = Gauge("bellwire_sockets", "WebSockets that are open.")
draining = Gauge("bellwire_draining", "1 while this process sends its clients elsewhere.")
handshakes = Counter("bellwire_handshakes", "WebSocket handshakes, by outcome.", ["outcome"])
socket_closes = Counter("bellwire_socket_closes", "Closes by the server, by code.", ["code"])
requests = Counter("bellwire_requests", "HTTP responses, by class of status.", ["status"])
bodies_refused = Counter("bellwire_bodies_refused", "Requests refused for their body's size.")
application_failures = Counter(
    "bellwire_application_failures", "Exceptions that left an application.", ["protocol"]
)
loop_delay = Histogram(
    "bellwire_loop_delay_seconds",
    "How late the event loop ran a timer; half a second apart.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)

streams = Gauge("bellwire_streams", "Responses that wait for events, by way in.", ["way"])
stream_closes = Counter(
    "bellwire_stream_closes",
    "Ends of streams and long polls: a close code, answered, empty, refused, or gone.",
    ["way", "reason"],
)

# The hub and the door out --------------------------------------------------------------------

hints_dropped = Counter(
    "bellwire_hints_dropped", "Hints that Redis did not take; the position check finds them."
)
unknown_messages = Counter(
    "bellwire_layer_unknown", "Layer messages that were not ours, and were ignored."
)
resubscribed = Counter(
    "bellwire_layer_resubscribed", "Channels that Redis had not confirmed, and was asked for again."
)
cache_reads = Counter(
    "bellwire_cache_reads", "Values asked of the cache: hit, miss, or away with Redis.", ["outcome"]
)
gaps_read = Counter("bellwire_gaps_read", "Gaps that were filled from the database.")
revoked = Counter("bellwire_revoked", "Sockets that the roll call closed.")
lags_found = Counter("bellwire_lags_found", "Lags that only the position check found.")
catch_ups = Counter("bellwire_catch_ups", "Readings of what a slow socket had missed.")
position_check = Histogram(
    "bellwire_position_check_seconds",
    "How long the comparison of all positions with the log took, failed or not.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
position_checks_failed = Counter(
    "bellwire_position_checks_failed", "Position checks that found the database away."
)

notifications = Counter(
    "bellwire_notifications",
    "Notifications: told, or unwanted by their person; nobody where the person is gone.",
    ["outcome"],
)

# From commit to screen -----------------------------------------------------------------------


class _Histogram(Collector):
    """Shows durations that are counted in the cheap way, one histogram for each label."""

    def __init__(self, name: str, documentation: str, stages: Mapping[str, Durations]) -> None:
        self._name, self._documentation, self._stages = name, documentation, stages

    def collect(self) -> Iterator[HistogramMetricFamily]:
        labels = [] if "" in self._stages else ["stage"]
        family = HistogramMetricFamily(self._name, self._documentation, labels=labels)
        for stage, durations in self._stages.items():
            buckets = [(f"{bound:g}", float(count)) for bound, count in durations.buckets()]
            buckets.append(("+Inf", buckets[-1][1]))
            family.add_metric([stage] if stage else [], buckets, durations.total / 1e6)
        yield family


commit_to_screen = Durations()
stages = {
    name: Durations()
    for name in ("commit_to_publish", "publish_to_write", "write_to_receive", "receive_to_show")
}
REGISTRY.register(
    _Histogram(
        "bellwire_commit_to_screen_seconds",
        "From an event's commit until a page showed it, as pages tell of samples.",
        {"": commit_to_screen},
    )
)
REGISTRY.register(
    _Histogram(
        "bellwire_stage_seconds",
        "The same by stages; the first two of every event that this process delivered.",
        stages,
    )
)
shown_samples = Counter(
    "bellwire_shown_samples", "What pages told of events that they showed, by outcome.", ["outcome"]
)
operations_dropped = Counter(
    "bellwire_operations_dropped", "Figures of operations that Redis did not take, or too large."
)

# Work ----------------------------------------------------------------------------------------

jobs_settled = Counter("bellwire_jobs_settled", "Attempts that ended, by state.", ["state"])
leases_lost = Counter("bellwire_leases_lost", "Jobs whose worker was lost.")
watching_failed = Counter(
    "bellwire_watching_failed", "Words of Celery's on plain tasks that were not recorded."
)
lines_lost = Counter(
    "bellwire_lines_lost", "Lines of jobs' output that the database did not take in time."
)
receivers_failed = Counter("bellwire_receivers_failed", "Receivers of signals that raised.")
wakes_dropped = Counter(
    "bellwire_wakes_dropped", "Messages to workers that were not sent; the reconciler finds them."
)

"""An app with jobs that do nothing, so that what is measured is the platform."""

#: Seconds between two looks of the warden, in the environment of a worker that renews no lease.
LOOK_SECONDS = "BENCH_LOOK_SECONDS"

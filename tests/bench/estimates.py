"""``python -m tests.bench.estimates``: how wrong the estimates of jobs' ends are, in real runs.

The three kinds of jobs that come with the platform, on samples of many sizes, one after the
other through a real worker; what a browser would be shown is compared with what came to pass.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import msgpack
from redis import Redis

from tests.bench.post_office import open_for_letters
from tests.installation import MIGRATE, Installation
from tests.redis import running_redis

#: Prints a line per kind when its job is enqueued; asks for more by a line of JSON.
_ASK = """
import json, sys
from django.contrib.auth.models import User
from tasks import files
from tasks.job import enqueue
from tasks.work import samples
alice = User.objects.get(username="alice")

def photos(count):
    uploads = [files.save_upload(alice.pk, f"{n}.jpg", "image/jpeg", [samples.photo(n)])
               for n in range(count)]
    return {"files": [str(upload.pk) for upload in uploads]}

MAKERS = {
    "reports": lambda size: samples.sales(alice.pk, size),
    "images": photos,
    "mail": lambda size: {**samples.greeting(alice.pk),
                          "recipients": [f"reader{n}@example.org" for n in range(size)]},
}
print("ready", flush=True)
for line in sys.stdin:
    kind, size = json.loads(line)
    print(enqueue(kind, alice, MAKERS[kind](size)).pk, flush=True)
"""
#: The smallest and the largest sample: rows, photos, letters.
SIZES = {"reports": (100_000, 1_500_000), "images": (3, 24), "mail": (30, 300)}
SHARES = (0.1, 0.5, 0.9)
_PATIENCE_SECONDS = 120.0


@dataclass
class Trace:
    """One job as a browser saw it: ``(seconds, progress)`` since it started, and its end."""

    kind: str
    size: int
    began: float = 0.0
    seconds: float = 0.0
    looks: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def error(self, share: float) -> tuple[float, float] | None:
        """Give how wrong the estimate was when it was first so far: of what was left, of all.

        None if it never said, or was never there: five photos are at no time at 90 %.
        """
        for at, progress in self.looks:
            total = progress["total"] or 0.0
            if share * total <= progress["current"] < total:
                if progress["eta"] is None or at >= self.seconds:
                    return None
                off = abs(progress["eta"] - (self.seconds - at))
                return off / (self.seconds - at), off / self.seconds
        return None


class Bench:
    """An installation with one worker, and an ear on what alice is told."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._asker = installation.start(_ASK)
        assert self._asker.stdout is not None
        assert self._asker.stdin is not None
        self._said, self._asked = self._asker.stdout, self._asker.stdin
        assert self._said.readline() == "ready\n"
        redis = Redis.from_url(installation.env["REDIS_URL"])
        self._ear = redis.pubsub(ignore_subscribe_messages=True)
        self._ear.psubscribe(f"{installation.env['REDIS_PREFIX']}__group__user.*")

    def run(self, kind: str, size: int) -> Trace:
        """Run one job and write down what was told of it."""
        self._asked.write(json.dumps([kind, size]) + "\n")
        self._asked.flush()
        job_id, trace = self._said.readline().strip(), Trace(kind, size)
        for now, told in self._heard():
            if told["job"]["id"] != job_id:
                continue
            if told["type"] == "job.started":
                trace.began = now
            elif told["type"] == "job.progressed":
                trace.looks.append((now - trace.began, told["job"]["progress"]))
            elif told["type"] == "job.succeeded":
                trace.seconds = now - trace.began
                return trace
            elif told["type"] != "job.queued":
                raise AssertionError(told)
        raise AssertionError(f"a job of {kind} did not end\n{self._installation.log()}")

    def _heard(self) -> Iterator[tuple[float, dict[str, Any]]]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if message := self._ear.get_message(timeout=1):
                frame = json.loads(msgpack.unpackb(message["data"])["frame"])
                yield time.monotonic(), frame["push"]["pub"]["data"]


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, running_redis() as redis:
        installation = Installation(Path(folder), f"sqlite:///{folder}/db.sqlite3", redis.url)
        try:
            with open_for_letters() as port:
                traces = list(_measure(installation, port, options.rounds))
        finally:
            installation.stop()
    if options.traces:
        Path(options.traces).write_text(json.dumps([vars(trace) for trace in traces]))
    # The first worker meets each kind for the first time; it learns soon, but from few.
    _print("with hardly a past", traces[: 3 * options.rounds])
    _print("with a past", traces[3 * options.rounds :])


def _measure(installation: Installation, port: int, rounds: int) -> Iterator[Trace]:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    mail = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
    installation.env |= {"DJANGO_SETTINGS_MODULE": "project.settings", **mail}
    installation.run(MIGRATE)
    chance = random.Random(1)
    for _ in range(2):  # a worker remembers the past for a minute: the second one knows it
        worker = installation.start_worker()
        bench = Bench(installation)
        for _ in range(rounds):
            for kind, (least, most) in SIZES.items():
                trace = bench.run(kind, round(least * (most / least) ** chance.random()))
                print(f"{kind:8} {trace.size:9,} {trace.seconds:6.2f} s", flush=True)
                yield trace
        worker.terminate()
        worker.wait(30)


def _print(title: str, traces: Iterable[Trace]) -> None:
    traces = list(traces)
    print(f"\n{title}: the median error, of what was left (of the whole)")
    for kind in (*SIZES, "all"):
        chosen = [trace for trace in traces if kind in (trace.kind, "all")]
        print(f"{kind:8} {len(chosen):3} jobs", *(_column(chosen, share) for share in SHARES))


def _column(traces: Iterable[Trace], share: float) -> str:
    found = [trace.error(share) for trace in traces]
    known = [error for error in found if error is not None]
    if not known:
        return f"  at {share:.0%}: unknown"
    left, whole = (median(values) for values in zip(*known, strict=True))
    return f"  at {share:.0%}: {left:4.0%} ({whole:3.0%}), {len(known)} known"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.estimates", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="jobs of each kind, twice")
    parser.add_argument("--traces", help="a file for all that was seen, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()

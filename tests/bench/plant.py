"""A plant: one way to run jobs, with data, a broker and workers of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.children import Child, module
from tests.bench.lab import Lab
from tests.bench.opening import IDLE

#: Who the jobs are for, in turn.
PEOPLE = 20


@dataclass(frozen=True, slots=True)
class Plant:
    """One way to run jobs.

    ``script`` is the module of its verbs, ``finished`` is SQL for how many jobs are done, and
    when the first and the last were.
    """

    name: str
    app: str
    queue: str
    script: str
    env: Mapping[str, str]
    database: Path
    finished: str

    def ask(self, lab: Lab, verb: str, *arguments: object) -> Any:
        """Run a verb of the script to its end and give what it printed, read as JSON."""
        answer = lab.run(module(self.script, verb, *arguments), self.env)
        return json.loads(answer) if answer.strip() else None

    def build(self, lab: Lab) -> list[str]:
        """Make the database with its people, and give the keys of their sessions."""
        return lab.run(module("tests.bench.people", PEOPLE), self.env).split()

    @contextmanager
    def working(self, lab: Lab, workers: int = 1) -> Iterator[list[Child]]:
        """Run workers of one process each, from the moment that all are there."""
        children = [self._worker(lab, number) for number in range(workers)]
        try:
            lab.run(module("tests.bench.opening", self.app, self.queue, workers), self.env)
            yield children
        finally:
            for child in children:
                child.stop()

    def _worker(self, lab: Lab, number: int) -> Child:
        celery = str(Path(sys.executable).with_name("celery"))
        options = ["-n", f"bench{number}@%h", "-Q", IDLE, "-c", "1", "-l", "WARNING"]
        return lab.start(
            f"worker {self.name} {number}",
            [celery, "-A", self.app, "worker", *options],
            # A worker is two processes, of which one waits: they have both cores, as in life.
            cores={lab.server_core, lab.load_core},
            env=self.env,
        )

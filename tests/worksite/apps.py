"""The tests' app, which may note every signal of a job in a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from billiard import current_process
from django.apps import AppConfig
from django.db import transaction


class WorksiteConfig(AppConfig):
    """Notes who sends which signal, where ``WORKSITE_SIGNALS`` names a file."""

    name = "tests.worksite"

    def ready(self) -> None:
        from tasks import signals

        if path := os.environ.get("WORKSITE_SIGNALS"):
            for name in [name for name in vars(signals) if name.startswith("job_")]:
                _note(name, getattr(signals, name), Path(path))


def _note(name: str, signal: Any, path: Path) -> None:
    def receiver(sender: type, job: Any, by: str, **rest: Any) -> None:
        line = {
            "signal": name.removeprefix("job_"), "job": str(job.pk), "state": str(job.state),
            "place": place(), "by": by, "rest": sorted(rest), "sender": sender.__name__,
        }  # fmt: skip
        # Only what was committed has happened.
        transaction.on_commit(lambda: _write(path, line))

    signal.connect(receiver, weak=False)


def place() -> str:
    """Tell which part of the platform this process is."""
    if current_process().name.startswith("ForkPoolWorker"):
        return "child"
    words = {"worker": "main", "reconcile": "reconciler", "serve": "web", "jobs": "cli"}
    return next((words[word] for word in sys.argv if word in words), "script")


def _write(path: Path, line: dict[str, Any]) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")

"""``manage.py jobs``, run as a person and as a script run it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.installation import Installation

ALICE_JOB = """
import sys
from django.contrib.auth.models import User
from django.core.management import call_command
from tasks import jobs
from tasks.job import find
import json
alice = User.objects.get(username="alice")
for word in sys.argv[1:]:
    print(jobs.enqueue(find("echo"), alice, {"word": word}).pk)
"""


def command(site: Installation, *words: object) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py jobs`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "django", "jobs", *map(str, words)],
        env=site.env,
        cwd=site.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(site: Installation, *words: object) -> list[dict]:
    """Run it with ``--json`` and give what it printed."""
    return [json.loads(line) for line in command(site, *words, "--json").stdout.splitlines()]


def enqueue(site: Installation, *words: str) -> list[str]:
    return site.run(ALICE_JOB, *words).splitlines()

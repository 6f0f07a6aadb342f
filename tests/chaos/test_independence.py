from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.acceptance.site import ROOT

PLATFORM = {"realtime", "tasks", "project", "django", "channels", "celery", "redis"}
_LOADED = (
    "import importlib, json, sys; importlib.import_module(sys.argv[1]); "
    "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
)


@pytest.mark.parametrize("program", ["checker", "observers", "reader", "submitter"])
def test_what_judges_the_platform_loads_nothing_of_it(program: str) -> None:
    command = [sys.executable, "-c", _LOADED, f"tests.chaos.{program}"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout

    loaded = set(json.loads(printed))

    assert "tests" in loaded
    assert not loaded & PLATFORM

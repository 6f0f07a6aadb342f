from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import ROOT, Running, descendants, kill, wait_gone

pytestmark = [
    pytest.mark.skipif("CI" not in os.environ, reason="takes a minute and the network; set CI=1"),
    pytest.mark.timeout(1200),
]

#: What the tests, or a `make` around them, put into the environment.
OURS = ("DATA_DIR", "SECRET_KEY", "LOG_LEVEL", "RUN_DIR", "REDIS_URL", "DATABASE_URL")
OURS_BEGIN_WITH = ("MAKE", "MFLAGS", "DJANGO_", "PYTEST", "PYTHON", "VIRTUAL_ENV")


@pytest.fixture
def clone() -> Iterator[Path]:
    """A copy of this checkout, without anything that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(tempfile.mkdtemp(prefix="new-"))
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def bare_environment() -> dict[str, str]:
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name not in OURS and not name.startswith(OURS_BEGIN_WITH)
        },
        "PATH": "/usr/bin:/bin",
        "PORT": "0",
    }


def test_make_run_is_all_that_a_newcomer_needs(clone: Path) -> None:
    make = Running(["make", "run"], env=bare_environment(), cwd=clone)
    try:
        make.expect("is ready after", within=900)
        url = make.expect(r"open +(\S+)")[0][1]
        everything = descendants(make.pid)

        with urllib.request.urlopen(url, timeout=30) as page:  # noqa: S310
            assert page.status == 200

        second = subprocess.run(
            ["make", "run"],
            cwd=clone,
            env=bare_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode != 0
        assert f"runs already at {url}" in second.stderr

        kill(make.pid)
        assert wait_gone(everything, 20) == []
    finally:
        make.end()


def test_make_without_a_target_lists_what_there_is() -> None:
    told = subprocess.run(
        ["make"], cwd=ROOT, env=bare_environment(), capture_output=True, text=True, check=True
    )

    targets = {line.split()[1] for line in told.stdout.splitlines() if line.strip()}
    assert {"run", "test", "check", "bench"} <= targets

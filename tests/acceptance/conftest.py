"""One running platform for the tests that only use it; those that break it start their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.site import Person, Site, running_site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    # Unix sockets' paths are short; pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="bw-") as folder, running_site(Path(folder)) as site:
        yield site


@pytest.fixture
def alice(site: Site) -> Person:
    return Person(site, "alice")


@pytest.fixture
def bob(site: Site) -> Person:
    return Person(site, "bob")

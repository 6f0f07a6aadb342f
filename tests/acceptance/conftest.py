"""One running platform for the tests that only use it; those that break it start their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.site import Person, Site, running_site

_STORMY = {"DJANGO_SETTINGS_MODULE": "tests.weather.settings"}
#: How messages between processes fare; whatever they do, everything must arrive.
WEATHER = {"fair": {}, "stormy": _STORMY, "no hints": {**_STORMY, "WEATHER_LOST": "1"}}


@pytest.fixture(scope="session", params=WEATHER)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    # Unix sockets' paths are short; pytest's own folders are not.
    with (
        tempfile.TemporaryDirectory(prefix="bw-") as folder,
        running_site(Path(folder), **WEATHER[request.param]) as site,
    ):
        yield site


@pytest.fixture
def alice(site: Site) -> Person:
    return Person(site, "alice")


@pytest.fixture
def bob(site: Site) -> Person:
    return Person(site, "bob")

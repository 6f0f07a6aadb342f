"""The fleet's own pages, asked of a live process, a dead one and none."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404, HttpRequest
from django.test import AsyncRequestFactory

from realtime import fleet
from tests.integration.server_process import serving, until


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder with web1, which runs, and web2, which was killed."""
    folder = tmp_path_factory.mktemp("run")
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(folder / "web2.sock"))
    with serving(folder) as server:
        until(server.admin.exists)
        yield folder


@pytest.fixture
def fleet_of_two(settings, monkeypatch, run_dir: Path) -> None:
    settings.RUN_DIR = run_dir
    # web2 refuses at once; a machine that stalls must not make web1 silent, too.
    monkeypatch.setattr(fleet, "ASK_SECONDS", 20.0)


def request(
    user: User | AnonymousUser | None = None, peer: str = "127.0.0.1", **headers: str
) -> HttpRequest:
    request = AsyncRequestFactory().get("/", headers=headers)
    request.META["REMOTE_ADDR"] = peer

    async def auser() -> User | AnonymousUser:
        return user or AnonymousUser()

    request.auser = auser
    return request


@pytest.mark.usefixtures("fleet_of_two")
async def test_the_fleet_is_alive_while_one_process_is():
    response = await fleet.healthz(request())

    assert response.status_code == 200
    assert json.loads(response.content)["processes"] == {"web1": True, "web2": False}


@pytest.mark.usefixtures("fleet_of_two")
async def test_readiness_names_what_each_process_lacks():
    response = await fleet.readyz(request())
    processes = json.loads(response.content)["processes"]

    assert response.status_code == 503
    assert "no such table" in processes["web1"]["checks"]["database"]
    assert processes["web2"]["checks"] == {"process": "It does not answer."}


async def test_an_empty_fleet_is_neither_alive_nor_ready(settings, tmp_path):
    settings.RUN_DIR = tmp_path

    assert (await fleet.healthz(request())).status_code == 503
    assert (await fleet.readyz(request())).status_code == 503


@pytest.mark.usefixtures("fleet_of_two")
async def test_metrics_say_which_process_they_are_of():
    page = (await fleet.metrics(request())).content.decode()

    assert 'bellwire_process_info{name="web1",process="web1"} 1.0' in page
    assert page.count("# TYPE bellwire_sockets gauge") == 1


@pytest.mark.usefixtures("fleet_of_two")
@pytest.mark.parametrize(
    ("user", "headers", "may"),
    [
        pytest.param(None, {}, True, id="this machine"),
        pytest.param(None, {"peer": "10.0.0.7"}, False, id="another machine"),
        pytest.param(None, {"X-Forwarded-For": "127.0.0.1"}, False, id="through a proxy"),
        pytest.param(User(is_staff=True), {"X-Real-IP": "6.6.6.6"}, True, id="staff"),
        pytest.param(User(), {"X-Real-IP": "6.6.6.6"}, False, id="anybody else"),
        pytest.param(
            None, {"X-Real-IP": "6.6.6.6", "Authorization": "Bearer open"}, True, id="token"
        ),
        pytest.param(
            None, {"X-Real-IP": "6.6.6.6", "Authorization": "Bearer "}, False, id="no token"
        ),
    ],
)
async def test_metrics_are_shown_to_those_who_may_see_them(settings, user, headers, may):
    settings.METRICS_TOKEN = "open"
    try:
        shown = (await fleet.metrics(request(user, **headers))).status_code == 200
    except Http404:
        shown = False

    assert shown is may

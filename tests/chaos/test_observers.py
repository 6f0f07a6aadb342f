"""The programs that write the journals, against a running platform, judged by the checker."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.site import ROOT, Person, Site, running_site, wait_until
from tests.chaos import journal, programs, reader, records
from tests.chaos.checker import check, figures, validity

SECONDS = 60


@pytest.fixture(scope="module", params=["python", "sdk"])
def observers(request: pytest.FixtureRequest) -> list[str]:
    """Either of the two clients, which share no code."""
    return programs.observers(request.param)


@pytest.fixture(scope="module")
def site(observers: list[str]) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="bw-") as folder:
        env = {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "CHAOS_LEDGER": str(Path(folder) / journal.LEDGER),
        }
        with running_site(Path(folder), **env) as site:
            yield site


@pytest.fixture
def journals(site: Site, tmp_path: Path) -> Path:
    """A run's folder; the ledger is the whole site's."""
    (tmp_path / journal.LEDGER).symlink_to(site.folder / journal.LEDGER)
    return tmp_path


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    relay = Relay(site.port)
    yield relay
    relay.close()


def test_four_clients_see_ten_jobs_whole_though_one_is_cut_and_one_logged_out(
    site: Site, journals: Path, relay: Relay, observers: list[str]
) -> None:
    alice, bob, leaving = (Person(site, name) for name in ("alice", "bob", "bob"))
    clients = [
        client_of(alice, "alice-1"),
        client_of(alice, "alice-2", relay.port),
        client_of(bob, "bob-1"),
        client_of(leaving, "bob-2"),
    ]
    log_out = {"at_seconds": 0.2, "client": "bob-2", **as_(leaving)}

    with observed(observers, site, journals, clients):
        submit(journals, 1, [alice, bob], jobs=5)
        relay.cut()
        submit(journals, 2, [alice, bob], jobs=5, logouts=[log_out])
        wait_until(lambda: seen_final(journals, 10), SECONDS)
        wait_until(lambda: said(journals, "bob-2", records.Closed), SECONDS)
        wait_until(lambda: are_at_head(site, journals, "alice-1", "alice-2", "bob-1"), SECONDS)
    reader.write_final(database_of(site), journals)

    assert check(journals) == []
    found = figures(journals)
    assert found["jobs"] == {"succeeded": 10}
    assert found["recovered"] == 1
    assert found["closed_for_good"] == 1
    assert set(validity(journals)) == {"no faults were planned", "it was never healed"}


def test_a_new_history_is_gone_on_in_from_a_state_that_was_read_anew(
    site: Site, journals: Path, observers: list[str]
) -> None:
    alice = Person(site, "alice")

    with observed(observers, site, journals, [client_of(alice, "alice-1")]):
        submit(journals, 3, [alice], jobs=2)
        wait_until(lambda: are_at_head(site, journals, "alice-1"), SECONDS)
        begin_new_histories(site)
        submit(journals, 4, [alice], jobs=2)
        wait_until(lambda: len(said(journals, "alice-1", records.Reload)) == 2, SECONDS)
        wait_until(lambda: every_job_is_final(site), SECONDS)
        wait_until(lambda: are_at_head(site, journals, "alice-1"), SECONDS)
    reader.write_final(database_of(site), journals)

    assert check(journals) == []
    assert figures(journals)["not_recovered"] == 1


class Relay:
    """A port in front of another one; ``cut`` resets every connection that goes through it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        while self._open:
            end = self._open.pop()
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD)  # wakes its thread, which closes it: a reset

    def close(self) -> None:
        self._door.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, far = (
                    self._door.accept()[0],
                    socket.create_connection(("127.0.0.1", self._to)),
                )
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one:
            while content := one.recv(65536):
                other.sendall(content)


@contextmanager
def observed(
    observers: list[str], site: Site, journals: Path, clients: list[dict[str, Any]]
) -> Iterator[None]:
    """Run the observers and the sampler while the block runs."""
    spec = journals / "observers.json"
    spec.write_text(json.dumps({"folder": str(journals), "clients": clients}))
    with (
        running(*observers, str(spec)),
        running(*programs.SAMPLER, database_of(site), str(journals)),
    ):
        yield


@contextmanager
def running(*command: str) -> Iterator[None]:
    """Run one of the programs until the block ends; it must then leave by itself."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def submit(journals: Path, seed: int, people: list[Person], jobs: int, **more: Any) -> None:
    """Let the submitter ask for jobs, and wait until all are accepted."""
    origin = people[0].site.origin
    spec = {
        "folder": str(journals), "people": [as_(person) for person in people], "api": [origin],
        "origin": origin, "jobs": jobs, "per_second": 10, "kinds": {"steps": 1}, "seed": seed,
        **more,
    }  # fmt: skip
    path = journals / f"submitter-{seed}.json"
    path.write_text(json.dumps(spec))
    command = [*programs.SUBMITTER, str(path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=SECONDS)


def client_of(person: Person, name: str, port: int = 0) -> dict[str, Any]:
    site = person.site
    url = f"ws://127.0.0.1:{port or site.port}/connection/websocket"
    where = {"urls": [url], "api": [site.origin], "origin": site.origin}
    return {**as_(person), **where, "name": name}


def as_(person: Person) -> dict[str, Any]:
    topic: str = person.request("GET", "/api/jobs")[1]["position"]["topic"]
    csrf = person.cookie.partition("csrftoken=")[2].partition(";")[0]
    return {"user": topic.partition(":")[2], "cookie": person.cookie, "csrf": csrf}


def database_of(site: Site) -> str:
    return f"sqlite:///{site.folder / 'db.sqlite3'}"


def begin_new_histories(site: Site) -> None:
    """Do what is done after a restore."""
    with closing(sqlite3.connect(site.folder / "db.sqlite3", timeout=30)) as database, database:
        database.execute("UPDATE realtime_stream SET epoch = 'restored'")


def said(journals: Path, client: str, kind: type[records.Record]) -> list[records.Record]:
    return journal.read(journals / journal.CLIENT.format(client), kind)


def seen_final(journals: Path, jobs: int) -> bool:
    return len(journal.read(journals / journal.STATES, records.Sighting)) == jobs


def every_job_is_final(site: Site) -> bool:
    return all(job.is_final for job in reader.read(database_of(site)).jobs)


def are_at_head(site: Site, journals: Path, *clients: str) -> bool:
    """Tell whether the last that each of them applied is the last that was committed."""
    heads = {(at.topic, at.epoch, at.head) for at in reader.read(database_of(site)).streams}
    places = [journal.read(journals / journal.CLIENT.format(name), records.Applied, records.Reload)
              for name in clients]  # fmt: skip
    last = [told[-1] for told in places if told]
    return len(last) == len(clients) and all((r.topic, r.epoch, r.offset) in heads for r in last)

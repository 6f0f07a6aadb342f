"""What the clients of the SDK and of our page can do beside what both kinds are tested for."""

from __future__ import annotations

import json
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.acceptance.site import Person, Site, running_site, wait_until
from tests.chaos import journal, programs, reader, records
from tests.chaos.checker import check, figures
from tests.chaos.test_observers import (
    Relay,
    as_,
    begin_new_histories,
    client_of,
    database_of,
    observed,
    said,
    submit,
)

SECONDS = 60
EVERYBODY = "site:all"
SDK = programs.observers("sdk")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="bw-") as folder:
        env = {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "CHAOS_LEDGER": str(Path(folder) / journal.LEDGER),
            # What is told behind the servers' backs is found by this check alone.
            "CHAOS_POSITION_CHECK_SECONDS": "1",
        }
        with running_site(Path(folder), **env) as site:
            yield site


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    relay = Relay(site.port)
    yield relay
    relay.close()


def test_a_topic_of_everybodys_is_followed_through_a_reset_and_a_new_history(
    site: Site, tmp_path: Path, relay: Relay
) -> None:
    client = {**client_of(Person(site, "alice"), "alice-1", relay.port), "topics": [EVERYBODY]}

    with observed(SDK, site, tmp_path, [client]):
        wait_until(lambda: heard(tmp_path, records.Connected), SECONDS)
        tell_everybody(site, 2)
        wait_until(lambda: len(heard(tmp_path, records.Applied)) == 2, SECONDS)
        relay.cut()
        tell_everybody(site, 1)
        wait_until(lambda: len(heard(tmp_path, records.Applied)) == 3, SECONDS)
        begin_new_histories(site)
        wait_until(lambda: heard(tmp_path, records.Reload), SECONDS)
        tell_everybody(site, 1)
        wait_until(lambda: len(heard(tmp_path, records.Applied)) == 4, SECONDS)
    reader.write_final(database_of(site), tmp_path)

    assert check(tmp_path) == []
    first, *others = heard(tmp_path, records.Connected)
    assert first.asked is None
    assert any(again.recovered and again.asked == again.place for again in others)
    assert any(not again.recovered for again in others)
    assert the_end(tmp_path).positions[EVERYBODY] == records.Place("restored", 4)


def test_addresses_that_do_not_answer_are_passed_over(
    site: Site, tmp_path: Path, relay: Relay
) -> None:
    client = client_of(Person(site, "alice"), "alice-1", relay.port)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    urls = [f"ws://127.0.0.1:{dead}/connection/websocket", *client["urls"]]
    api = [f"http://127.0.0.1:{dead}", f"http://127.0.0.1:{relay.port}"]

    with observed(SDK, site, tmp_path, [{**client, "urls": urls, "api": api}]):
        wait_until(lambda: said(tmp_path, "alice-1", records.Reload), SECONDS)
        relay.cut()
        wait_until(lambda: len(said(tmp_path, "alice-1", records.Connected)) == 2, SECONDS)

    assert the_end(tmp_path).positions


def test_the_server_is_told_the_origins_name_at_whatever_port_it_is_reached(
    site: Site, tmp_path: Path
) -> None:
    relay = Recorder(site.port)
    client = client_of(Person(site, "alice"), "alice-1", relay.port)

    with observed(SDK, site, tmp_path, [{**client, "api": [f"http://127.0.0.1:{relay.port}"]}]):
        wait_until(lambda: said(tmp_path, "alice-1", records.Reload), SECONDS)
    relay.close()

    for path in (b"/connection/websocket", b"/api/jobs"):
        (request,) = (head for head in relay.said if head.startswith(b"GET " + path))
        head = request.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
        assert f"host: 127.0.0.1:{site.port}".encode() in head
        assert f"origin: {site.origin}".encode() in head
        assert f"cookie: {client['cookie']}".lower().encode() in head


def test_it_says_what_it_asked_to_recover_from(site: Site, tmp_path: Path, relay: Relay) -> None:
    (tmp_path / journal.LEDGER).symlink_to(site.folder / journal.LEDGER)
    alice = Person(site, "alice")

    with observed(SDK, site, tmp_path, [client_of(alice, "alice-1", relay.port)]):
        submit(tmp_path, 5, [alice], jobs=1)
        wait_until(lambda: len(said(tmp_path, "alice-1", records.Applied)) == 3, SECONDS)
        relay.cut()
        wait_until(lambda: len(said(tmp_path, "alice-1", records.Connected)) == 2, SECONDS)
    reader.write_final(database_of(site), tmp_path)

    assert check(tmp_path) == []
    before, after = journal.read(client_journal(tmp_path), records.Connected)
    assert before.asked is None
    assert after.asked == journal.read(client_journal(tmp_path), records.Applied)[-1].place
    assert figures(tmp_path)["recovered"] == 1


def test_one_that_was_closed_for_good_still_says_where_it_was(site: Site, tmp_path: Path) -> None:
    (tmp_path / journal.LEDGER).symlink_to(site.folder / journal.LEDGER)
    alice, leaving = Person(site, "alice"), Person(site, "alice")
    log_out = {"at_seconds": 0, "client": "alice-1", **as_(leaving)}

    with observed(SDK, site, tmp_path, [client_of(leaving, "alice-1")]):
        submit(tmp_path, 6, [alice], jobs=1, logouts=[log_out])
        wait_until(lambda: said(tmp_path, "alice-1", records.Closed), SECONDS)

    assert the_end(tmp_path).positions


class Recorder(Relay):
    """A relay that keeps what goes through it, in the pieces in which it came."""

    def __init__(self, to: int) -> None:
        self.said: list[bytes] = []
        super().__init__(to)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one:
            while content := one.recv(65536):
                self.said.append(content)
                other.sendall(content)


def heard(journals: Path, kind: type[records.Placed]) -> list[records.Placed]:
    """Give what the client alice-1 told of everybody's topic."""
    told = journal.read(client_journal(journals), kind)
    return [record for record in told if record.topic == EVERYBODY]


def client_journal(journals: Path) -> Path:
    return journals / journal.CLIENT.format("alice-1")


def the_end(journals: Path) -> records.End:
    (end,) = journal.read(client_journal(journals), records.End)
    return end


def tell_everybody(site: Site, events: int) -> None:
    """Append events to everybody's topic."""
    data = json.dumps({"v": 1, "type": "site.told", "at": "2026-01-01T00:00:00.000Z"})
    with closing(sqlite3.connect(site.folder / "db.sqlite3", timeout=30)) as database, database:
        for _ in range(events):
            database.execute(
                "UPDATE realtime_stream SET head = head + 1 WHERE topic = ?", (EVERYBODY,)
            )
            database.execute(
                'INSERT INTO realtime_event (stream_id, "offset", data, created_at) '
                "SELECT id, head, ?, CURRENT_TIMESTAMP FROM realtime_stream WHERE topic = ?",
                (data, EVERYBODY),
            )

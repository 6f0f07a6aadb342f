"""What the submitter makes of an API that refuses, breaks off, and at last accepts."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import journal
from tests.chaos.records import SUBMITTER_RECORDS, Accepted, Ended, Invoke, Record, Refused, Unknown
from tests.chaos.submitter import Submitter

#: An answer that does not come.
NOTHING = 0


def test_a_job_that_was_not_accepted_is_asked_for_again_with_another_mark(tmp_path: Path) -> None:
    with api(503, NOTHING, 201) as port:
        told = submit(tmp_path, port, jobs=1)

    invoked = [record for record in told if isinstance(record, Invoke)]
    assert [type(record) for record in told if not isinstance(record, Invoke)] == [
        Refused, Unknown, Accepted,
    ]  # fmt: skip
    assert len({record.mark for record in invoked}) == 3
    assert all(record.arguments["mark"] == record.mark for record in invoked)
    assert refused(told).retry_after == 1


def test_a_job_that_is_not_wanted_is_not_asked_for_again(tmp_path: Path) -> None:
    with api(422, 201) as port:
        told = submit(tmp_path, port, jobs=1)

    assert [type(record) for record in told] == [Invoke, Refused]
    assert refused(told).status == 422


def test_every_address_is_asked_in_turn(tmp_path: Path) -> None:
    with api(*[201] * 3) as one, api(*[201] * 3) as other:
        told = submit(tmp_path, one, other, jobs=6)

    ports = Counter(record.job.partition("-")[0] for record in told if isinstance(record, Accepted))
    assert ports == {str(one): 3, str(other): 3}


def test_the_same_seed_asks_for_the_same(tmp_path: Path) -> None:
    def asked(name: str) -> list[str]:
        (tmp_path / name).mkdir()
        with api(*[201] * 8) as port:
            told = submit(tmp_path / name, port, jobs=8, kinds={"steps": 2, "stumble": 1})
        invoked = [record for record in told if isinstance(record, Invoke)]
        return sorted(f"{r.kind} {sorted({**r.arguments, 'mark': ''}.items())}" for r in invoked)

    assert asked("one") == asked("other")


@pytest.mark.parametrize(("share", "asked"), [("cancelled", "cancel"), ("marked", "mark")])
def test_what_its_owner_does_after_a_job_is_done_until_it_is_answered(
    tmp_path: Path, share: str, asked: str
) -> None:
    with api(201, 503, NOTHING, 200) as port:
        submit(tmp_path, port, jobs=1, **{share: 1})
        assert asked_for[-3:] == [asked] * 3


def test_a_log_out_is_tried_until_it_is_answered(tmp_path: Path) -> None:
    who = {"at_seconds": 0, "user": 1, "client": "c", "cookie": "sessionid=key", "csrf": "x"}
    with api(500, NOTHING, 302) as port:
        told = submit(tmp_path, port, jobs=0, logouts=[who])

    ends = [record for record in told if isinstance(record, Ended)]
    assert [end.status for end in ends] == [500, 0, 302]
    assert [end.has_ended for end in ends] == [False, False, True]
    # sha256 of "key"
    assert {end.session for end in ends} == {"2c70e12b7a0646f92279f427c7b38e73"}


def submit(folder: Path, *ports: int, **more: Any) -> list[Record]:
    """Run the submitter and read what it journaled."""
    spec = {
        "folder": str(folder), "people": [{"user": 1, "cookie": "sessionid=key", "csrf": "x"}],
        "api": [f"http://127.0.0.1:{port}" for port in ports], "origin": "http://127.0.0.1",
        "per_second": 50, "seed": 1, "kinds": {"steps": 1}, **more,
    }  # fmt: skip
    Submitter(spec).run()
    return journal.read(folder / journal.SUBMITTER, *SUBMITTER_RECORDS)


def refused(told: list[Record]) -> Refused:
    return next(record for record in told if isinstance(record, Refused))


#: The ends of the paths that any server here was asked for.
asked_for: list[str] = []


@contextmanager
def api(*statuses: int) -> Iterator[int]:
    """Answer requests with these statuses, one after the other."""
    answers = iter(statuses)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked_for.append(self.path.rpartition("/")[2])
            status = next(answers)
            if status == NOTHING:
                self.close_connection = True
                return
            job = f"{server.server_port}-{id(self)}"
            body = json.dumps({"id": job}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

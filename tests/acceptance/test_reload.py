"""A rolling restart of the platform while people use it."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.acceptance.site import ROOT, Person, running_site, wait_until

MAIL = {"subject": "Hi", "body": "There", "recipients": ["a@example.org"]}


class Follower(threading.Thread):
    """A client that comes back whenever it is sent away, and keeps its own position."""

    def __init__(self, person: Person) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.applied: list[int] = []
        self.closes: list[int] = []
        self.reloads = 0
        self.begin: int | None = None
        self.wanted: int | None = None
        self.problem: Exception | None = None

    def run(self) -> None:
        at: dict[str, Any] = {}
        try:
            while self.wanted is None or self.applied[-1:] < [self.wanted]:
                at = self._follow(at)
        except Exception as problem:  # it is looked at when the thread has ended
            self.problem = problem

    def _follow(self, at: dict[str, Any]) -> dict[str, Any]:
        subs = {at["topic"]: {"recover": True, **at["place"]}} if at else {}
        try:
            with self.person.tab(subs=subs) as tab:
                [(topic, sub)] = tab.connected["subs"].items()
                if at and not sub.get("recovered"):
                    self.reloads += 1
                self.begin = sub["offset"] if self.begin is None else self.begin
                place = {"epoch": sub["epoch"], "offset": sub["offset"]}
                at = {"topic": topic, "place": place}
                for missed in sub.get("publications", []):
                    self._apply(missed, place)
                while self.wanted is None or place["offset"] < self.wanted:
                    if publication := self._next(tab):
                        self._apply(publication, place)
        except ConnectionClosed as closed:
            self.closes.append(closed.rcvd.code if closed.rcvd else 1006)
            time.sleep(0.2)
        return at

    def _next(self, tab: Any) -> dict[str, Any] | None:
        try:
            publication = tab.next(0.5).get("push", {}).get("pub")
        except TimeoutError:
            return None
        return publication if publication and "offset" in publication else None

    def _apply(self, publication: dict[str, Any], place: dict[str, Any]) -> None:
        self.applied.append(publication["offset"])
        place["offset"] = publication["offset"]


class Visitor(threading.Thread):
    """A client of the API, on one connection that is kept as long as the server keeps it."""

    def __init__(self, person: Person) -> None:
        super().__init__(daemon=True)
        self.person, self.is_over = person, threading.Event()
        self.statuses: list[int] = []
        self.broken: list[Exception] = []

    def run(self) -> None:
        while not self.is_over.is_set():
            address = ("127.0.0.1", self.person.site.port)
            with closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
                self._ask_until_it_ends(connection)

    def _ask_until_it_ends(self, connection: http.client.HTTPConnection) -> None:
        while not self.is_over.is_set():
            try:
                connection.request("GET", "/api/jobs", headers={"Cookie": self.person.cookie})
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as problem:
                self.broken.append(problem)
                return
            self.statuses.append(response.status)
            if response.getheader("Connection") == "close":
                return
            time.sleep(0.05)


def test_a_rolling_restart_cuts_no_request_and_loses_no_event(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        alice = Person(site, "alice")
        followers = [Follower(alice) for _ in range(8)]
        visitors = [Visitor(alice) for _ in range(2)]
        for thread in (*followers, *visitors):
            thread.start()
        before = _count_sockets(site, len(followers))
        wait_until(lambda: all(each.begin is not None for each in followers), 30)

        reloading = _reload(tmp_path)
        started = _mail_until_it_is_over(alice, reloading)
        begin = followers[0].begin
        wanted = begin + 4 * started  # queued, started, succeeded, and the card
        _send_home(followers, visitors, wanted)
        said, _ = reloading.communicate()

    assert before == len(followers)
    assert (reloading.wait(), said) == (0, said)
    for follower in followers:
        assert follower.problem is None
        assert follower.applied == list(range(begin + 1, wanted + 1))
        # One may come back to a process whose turn is still to come.
        assert ({*follower.closes}, follower.reloads) == ({3001}, 0)
    for visitor in visitors:
        assert set(visitor.statuses) == {200}
        assert visitor.broken == []


def _mail_until_it_is_over(person: Person, reloading: subprocess.Popen[str]) -> int:
    """Start a job now and then, and one after the restart; tell how many."""
    started = 0
    while reloading.poll() is None or started < 10:
        person.start("mail", **MAIL)
        started += 1
        time.sleep(0.3)
    time.sleep(6)  # those who drain have their window
    person.start("mail", **MAIL)
    return started + 1


def _send_home(followers: list[Follower], visitors: list[Visitor], wanted: int) -> None:
    """Let everybody go on up to this event, and wait for them."""
    for follower in followers:
        follower.wanted = wanted
    for visitor in visitors:
        visitor.is_over.set()
    for thread in (*followers, *visitors):
        thread.join(60)


def _count_sockets(site: Any, wanted: int) -> int:
    deadline = time.monotonic() + 20
    while (count := sum(site.sockets().values())) < wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return count


def _reload(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--reload"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

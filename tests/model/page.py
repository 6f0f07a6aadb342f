"""A page: the observers' client, over as many lines as it takes, and what it went through."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.chaos.client import Client, PlaceLost
from tests.chaos.course import Course, Wire
from tests.chaos.records import Connected, Place, Placed, Record, Reload
from tests.model.line import Line

SITE = "site:all"
#: The numbers of commands beyond the client's own.
LEAVING, ASKING = 90, 91


class Page:
    """One client of one session; ``now`` is the clock, ``pause`` how long reading a state takes.

    It gives itself to ``away`` when it has lost its line, to be connected again.
    Everything here runs in the loop of the process that its line leads to.
    """

    def __init__(
        self,
        user: int,
        session: str,
        now: Callable[[], float],
        pause: Callable[[], float],
        away: Callable[[Page], None],
    ) -> None:
        self.user, self.session = user, session
        self.own = f"user:{user}"
        self._now, self._pause, self._away = now, pause, away
        self._client = Client(self.own, [SITE], self._note)
        #: All that it noted, and when.
        self.records: list[tuple[float, Record]] = []
        self.courses: defaultdict[str, Course] = defaultdict(Course)
        self.wires: defaultdict[str, Wire] = defaultdict(Wire)
        #: Updates that came after newer ones of their key.
        self.overtaken: list[Mapping[str, Any]] = []
        #: Foreign topics that it was let in to.
        self.let_in: list[Mapping[str, Any]] = []
        self.line: Line | None = None
        #: The code with which it was closed for good.
        self.closed_for_good = 0
        self._newest: dict[tuple[str, str], int] = {}

    @property
    def is_connected(self) -> bool:
        return self.line is not None and not self.line.is_over

    def connect(self) -> None:
        """Open a line and say where it is."""
        self.line = line = Line(self.session, lambda text: self._hear(line, text), self._closed)
        self._say(self._client.greet())

    def cut(self, is_noticed: bool = True) -> None:
        """Lose the line."""
        if self.line is not None and not self.line.is_over:
            self.line.break_off(is_noticed)
            self._away(self)

    def leave_site(self) -> None:
        """Hear no more of what is for everybody."""
        self._say([{"id": LEAVING, "unsubscribe": {"channel": SITE}}])

    def hear_site_again(self) -> None:
        """Hear it again, from the place where it was left."""
        place = self.place(SITE)
        at = {"recover": True, "epoch": place.epoch, "offset": place.offset} if place else {}
        self._say([{"id": 2, "subscribe": {"channel": SITE, **at}}])

    def ask_for(self, topic: str) -> None:
        """Ask for what is somebody else's."""
        self._say([{"id": ASKING, "subscribe": {"channel": topic}}])

    def place(self, topic: str) -> Place | None:
        """Give where it is in a topic."""
        return self._client.end().positions.get(topic)

    def _hear(self, line: Line, text: str) -> None:
        for part in text.split("\n"):
            if line is self.line and not line.is_over:
                self._take(json.loads(part))

    def _take(self, message: Mapping[str, Any]) -> None:
        if self._is_answer_to_our_own(message):
            return
        match message:
            case {"push": {"channel": topic, "pub": {"data": {"job": job, "n": n}}}}:
                self._updated(topic, job["id"], n, message)
        try:
            self._say(self._client.hear(message))
        except PlaceLost:
            self.cut()
        if self._client.needs_state and "connect" in message:
            self._read_state_soon()

    def _is_answer_to_our_own(self, message: Mapping[str, Any]) -> bool:
        if message.get("id") == ASKING and "error" not in message:
            self.let_in.append(message)
        # Who hears the site already is told so.
        return message.get("id", 0) >= LEAVING or (message.get("id") == 2 and "error" in message)

    def _updated(self, topic: str, key: str, n: int, message: Mapping[str, Any]) -> None:
        if n <= self._newest.get((topic, key), 0):
            self.overtaken.append(message)
        self._newest[topic, key] = n

    def _read_state_soon(self) -> None:
        line = self.line
        assert line is not None
        line.loop.call_later(self._pause(), self._state_was_read, line)

    def _state_was_read(self, line: Line) -> None:
        if line is self.line and not line.is_over:
            try:
                self._client.state_was_read([])
            except PlaceLost:
                self.cut()

    def _say(self, messages: Iterable[Mapping[str, Any]]) -> None:
        text = "\n".join(map(json.dumps, messages))
        if text and self.line is not None:
            self.line.say(text)

    def _closed(self, code: int) -> None:
        if 3500 <= code < 4000 or code >= 4500:
            self.closed_for_good = code
        else:
            self._away(self)

    def _note(self, record: Record) -> None:
        self.records.append((self._now(), record))
        if isinstance(record, Placed):
            self.courses[record.topic].take(record)
            if not isinstance(record, Reload):
                self.wires[record.topic].take(record)
        if isinstance(record, Connected):  # what was shown before is of another subscription
            self._newest = {key: n for key, n in self._newest.items() if key[0] != record.topic}

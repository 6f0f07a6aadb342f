"""An imagined run: a platform that keeps its promises, and the journals that it would leave.

Its lines are plain mappings, written by hand here, so that a test can damage them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.chaos.imagined_inbox import ImaginedInboxes

Line = dict[str, Any]

SESSION = "5e55" * 8
MOMENT = "2026-10-01T12:00:00.000Z"


class Listener:
    """A client that does all as it should."""

    def __init__(self, name: str, user: int) -> None:
        self.name, self.user, self.topic = name, user, f"user:{user}"
        self.file = f"client-{name}.jsonl"
        self.place: Line | None = None
        self.is_online = self.is_closed = False
        self.shown: dict[str, str] = {}


class Imagined:
    """The run: what is in the database, who listens, and every journal's lines."""

    def __init__(self) -> None:
        self.t = 100.0
        self.files: dict[str, list[Line]] = defaultdict(list)
        self.streams: dict[str, Line] = {}
        self.events: list[Line] = []
        self.jobs: dict[str, Line] = {}
        self.inboxes = ImaginedInboxes(self.tell)
        self.listeners: dict[str, Listener] = {}

    def say(self, file: str, op: str, **fields: Any) -> Line:
        """Append a line to a journal, a little later than the one before."""
        self.t += 0.01
        line = {"t": self.t, "op": op, **fields}
        self.files[file].append(line)
        return line

    def lines(self, name: str, op: str) -> list[Line]:
        """Find a client's lines of one kind."""
        return [line for line in self.files[f"client-{name}.jsonl"] if line["op"] == op]

    def write(self, folder: Path) -> Path:
        """Write the journals down."""
        for file, lines in self.files.items():
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / file).write_text(text)
        reading = {
            "streams": list(self.streams.values()),
            "events": self.events,
            "jobs": list(self.jobs.values()),
            "notifications": self.inboxes.rows,
        }
        (folder / "reader.json").write_text(json.dumps(reading))
        return folder

    # Clients ------------------------------------------------------------------------------

    def open(self, name: str, user: int, kind: str = "python") -> None:
        """Begin a client; one of the page's kind knows a place before it connects."""
        one = self.listeners[name] = Listener(name, user)
        stream = self._stream(one.topic)
        self.say(one.file, "open", user=user, kind=kind, port=1, wall=self.t + 1_790_000_000)
        if kind == "sdk":
            one.place = {"epoch": stream["epoch"], "offset": stream["head"]}
            return self.come_back(name)
        self._connected(one, stream["head"], recovered=False)
        return self._reload(one)

    def cut(self, name: str) -> None:
        self.listeners[name].is_online = False

    def come_back(self, name: str, *, whole: bool = True) -> None:
        """Reconnect: with all that was missed, or with the word that it cannot be given."""
        one = self.listeners[name]
        assert one.place is not None
        if not whole:
            self._connected(one, self._stream(one.topic)["head"], recovered=False)
            return self._reload(one)
        self._connected(one, one.place["offset"], recovered=True)
        for event in [e for e in self.events if e["topic"] == one.topic]:
            if event["offset"] > one.place["offset"]:
                self._deliver(one, event)
        return None

    def log_out(self, name: str) -> None:
        """End a client's session; the server tells, then closes it for good."""
        one = self.listeners[name]
        who = {"user": one.user, "client": name}
        self.say("submitter.jsonl", "ending", **who)
        self.tell(one.user, {"type": "session.ended", "session": SESSION, "reason": "signed_out"})
        self.say("submitter.jsonl", "ended", **who, status=302, session=SESSION)
        one.is_online, one.is_closed = False, True
        self.say(one.file, "closed", code=3501, reason="bad request")

    def end(self) -> None:
        """Heal, and let everybody write down where they are."""
        self.say("nemesis.jsonl", "healed")
        for one in self.listeners.values():
            place = {one.topic: one.place} if one.place else {}
            self.say(one.file, "end", positions=place, jobs=dict(one.shown))

    # Jobs ---------------------------------------------------------------------------------

    def submit(self, user: int) -> str:
        """Have a job accepted, and give its id."""
        number = len(self.jobs) + 1
        job, mark = f"job-{number}", f"mark-{number}"
        asked: Line = {"kind": "steps", "arguments": {"mark": mark}}
        self.say("submitter.jsonl", "invoke", mark=mark, user=user, **asked)
        self.jobs[job] = {"id": job, "owner": user, "state": "queued", "attempt": 0, **asked}
        self.move(job, "job.queued", "queued")
        self.say("submitter.jsonl", "ok", mark=mark, job=job)
        return job

    def begin(self, job: str) -> None:
        """Begin a job's next attempt, which tells of progress."""
        row = self.jobs[job]
        row["attempt"] += 1
        self.move(job, "job.started", "running")
        self._in_ledger("start", row)
        for one in self._listening(row["owner"]):
            topic, attempt = one.topic, row["attempt"]
            self.say(one.file, "update", topic=topic, job=job, attempt=attempt, n=1)

    def succeed(self, job: str) -> None:
        row = self.jobs[job]
        self._in_ledger("end", row)
        row["result"] = {"attempt": row["attempt"]}
        self.finish(job, "succeeded")

    def finish(self, job: str, state: str) -> None:
        """Bring a job to a final state, which is seen."""
        self.move(job, f"job.{state}", state)
        self.t += 1  # the sampler's
        attempt = self.jobs[job]["attempt"]
        self.say("states.jsonl", "seen", job=job, state=state, attempt=attempt, result="r")

    def move(self, job: str, event: str, state: str) -> None:
        self.jobs[job]["state"] = state
        self.tell(self.jobs[job]["owner"], {"type": event, "job": {"id": job, "state": state}})

    def tell(self, user: int, data: Line) -> None:
        """Append an event and deliver it to whoever is there."""
        stream = self._stream(f"user:{user}")
        stream["head"] += 1
        event = {
            "topic": stream["topic"],
            "offset": stream["head"],
            "data": {"v": 1, **data, "at": MOMENT},
        }
        self.events.append(event)
        for one in self._listening(user):
            self._deliver(one, event)

    def fault(self, n: int, name: str) -> None:
        self.say("nemesis.jsonl", "begin", fault=name, target="web1", n=n)
        self.say("nemesis.jsonl", "hit", n=n, evidence={"pid": [11, 12]})
        self.say("nemesis.jsonl", "end", n=n)

    def _in_ledger(self, op: str, row: Line) -> None:
        mark, attempt = row["arguments"]["mark"], row["attempt"]
        self.say("ledger.jsonl", op, job=row["id"], mark=mark, attempt=attempt, pid=7)

    def _listening(self, user: int) -> list[Listener]:
        return [one for one in self.listeners.values() if one.user == user and one.is_online]

    def _stream(self, topic: str) -> Line:
        new = {"topic": topic, "epoch": "e1", "head": 0, "floor": 0}
        return self.streams.setdefault(topic, new)

    def _connected(self, one: Listener, offset: int, *, recovered: bool) -> None:
        epoch = self._stream(one.topic)["epoch"]
        place = {"topic": one.topic, "epoch": epoch, "offset": offset}
        self.say(one.file, "connected", **place, recovered=recovered, asked=one.place)
        one.is_online = True

    def _reload(self, one: Listener) -> None:
        stream = self._stream(one.topic)
        one.place = {"epoch": stream["epoch"], "offset": stream["head"]}
        self.say(one.file, "reload", topic=one.topic, **one.place)
        one.shown = {j["id"]: j["state"] for j in self.jobs.values() if j["owner"] == one.user}

    def _deliver(self, one: Listener, event: Line) -> None:
        data, job = event["data"], event["data"].get("job") or {}
        one.place = {"epoch": self._stream(one.topic)["epoch"], "offset": event["offset"]}
        came = {"topic": one.topic, **one.place, "type": data["type"], "job": job.get("id")}
        self.say(one.file, "received", **came)
        self.say(one.file, "applied", **came, at=data["at"])
        if job:
            one.shown[job["id"]] = job["state"]


def imagine() -> Imagined:
    """Let three users' five clients see eight jobs through two faults, a reload, a log-out."""
    run = Imagined()
    run.say("nemesis.jsonl", "planned", count=2, seed=1)
    run.tell(1, {"type": "session.ended", "session": "", "reason": "password_changed"})
    for name, user, kind in (
        ("alice-1", 1, "python"), ("alice-2", 1, "sdk"), ("bob-1", 2, "python"),
        ("carol-1", 3, "python"), ("carol-2", 3, "sdk"),
    ):  # fmt: skip
        run.open(name, user, kind)
    jobs = [run.submit(user) for user in (1, 1, 2, 2, 3, 3, 1, 2)]
    run.begin(jobs[0])
    run.cut("alice-2")
    run.fault(1, "client reset")
    run.succeed(jobs[0])
    run.begin(jobs[1])
    run.come_back("alice-2")
    run.move(jobs[1], "job.retrying", "retrying")
    run.begin(jobs[1])
    run.succeed(jobs[1])
    run.cut("bob-1")
    run.begin(jobs[2])
    run.succeed(jobs[2])
    run.fault(2, "worker kill -9")
    run.come_back("bob-1", whole=False)
    run.begin(jobs[3])
    run.finish(jobs[3], "failed")
    run.begin(jobs[4])
    run.log_out("carol-1")
    run.succeed(jobs[4])
    run.finish(jobs[5], "cancelled")
    for job in jobs[6:]:
        run.begin(job)
        run.succeed(job)
    for user, title in ((1, "one"), (1, "two"), (1, "three"), (2, "four")):
        run.inboxes.notify(user, title)
    run.inboxes.read(1, "notification-1")
    run.inboxes.withdraw(1, "notification-2")
    run.inboxes.read(1)
    return run

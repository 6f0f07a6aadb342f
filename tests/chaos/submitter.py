"""The submitter: ``python -m tests.chaos.submitter SPEC.json`` asks for jobs, at a fixed rate.

SPEC: ``{"folder": JOURNALS, "people": [{"user", "cookie", "csrf"}], "api": […], "origin",
"jobs": 300, "per_second": 10, "seed": 1, "kinds": {"steps": 0.8, …}}``. ``kinds`` are weights.
``arguments`` by kind overrides ``ARGUMENTS``; a list is a range to choose from. ``cancelled`` is
the share of accepted jobs that are cancelled within CANCEL_SECONDS, ``marked`` that of jobs after
which their owner marks all that they were notified of, as soon. ``logouts``:
``[{"at_seconds", "user", "client", "cookie", "csrf"}]``.

The rate does not wait for answers. A job that was refused with a 503 or not answered is asked
for again, as another job with another mark, until one is accepted. It ends when all are.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos import journal
from tests.chaos.people import ask, fingerprint
from tests.chaos.records import Accepted, Ended, Ending, Invoke, Record, Refused, Unknown

#: What the kinds of the chaos app take beside their mark; ``[low, high]`` is chosen from.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "steps": {"steps": [1, 5], "seconds": [0.05, 0.5]},
    "poison": {},
    "stumble": {},
    "late": {},
    "stuck": {},
}
#: How many requests may be without an answer at one time, before the rate suffers.
OUTSTANDING = 128
#: How often one job is asked for, and how long it waits where the server did not say.
MOST_TRIES, PAUSE_SECONDS = 60, 1.0
#: How long after it was accepted a job is cancelled, or an inbox marked, at most.
CANCEL_SECONDS = 3.0
MARKS = ("seen", "read", "unread", "archived", "unarchived")


class Plan(NamedTuple):
    """A job to ask for, of whom, and what its owner does once it is accepted.

    They cancel it, or mark their inbox so, after so many seconds; None and empty: they do not.
    """

    person: Mapping[str, Any]
    kind: str
    arguments: dict[str, Any]
    cancel_after: float | None
    mark_after: float
    mark_as: str


class Submitter:
    """The people of a SPEC, their dice, and the journal of what they were answered."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec, self._dice = spec, random.Random(spec["seed"])
        self._journal = journal.Journal(Path(spec["folder"]) / journal.SUBMITTER, durable=True)
        self._marks, self._turns = count(1), count()

    def run(self) -> None:
        """Ask for every job at its time, and log out who is to; return when all is answered."""
        begun = time.monotonic()
        plans = [(n / self._spec["per_second"], self._job()) for n in range(self._spec["jobs"])]
        waiting: list[Future[None]] = []
        with closing(self._journal), ThreadPoolExecutor(OUTSTANDING) as pool:
            waiting += [
                pool.submit(self._log_out_at, begun + who["at_seconds"], who)
                for who in self._spec.get("logouts", ())
            ]
            for due, plan in plans:
                time.sleep(max(0.0, begun + due - time.monotonic()))
                waiting.append(pool.submit(self._insist, plan))
        for each in waiting:
            each.result()

    def _job(self) -> Plan:
        kinds = self._spec["kinds"]
        kind = self._dice.choices(list(kinds), list(kinds.values()))[0]
        chosen = {**ARGUMENTS, **self._spec.get("arguments", {})}.get(kind, {})
        arguments = {name: self._choose(value) for name, value in chosen.items()}
        after = self._dice.uniform(0, CANCEL_SECONDS)
        is_cancelled = self._dice.random() < self._spec.get("cancelled", 0)
        person = self._dice.choice(self._spec["people"])
        later, mark = self._dice.uniform(0, CANCEL_SECONDS), self._dice.choice(MARKS)
        is_marked = self._dice.random() < self._spec.get("marked", 0)
        cancel_after = after if is_cancelled else None
        return Plan(person, kind, arguments, cancel_after, later, mark if is_marked else "")

    def _choose(self, value: Any) -> Any:
        match value:
            case [int() as low, int() as high]:
                return self._dice.randint(low, high)
            case [float() as low, float() as high]:
                return round(self._dice.uniform(low, high), 3)
        return value

    def _insist(self, plan: Plan) -> None:
        for _ in range(MOST_TRIES):
            wait = self._submit(plan)
            if wait is None:
                return
            time.sleep(wait)

    def _submit(self, plan: Plan) -> float | None:
        """Ask for one job; return how long to wait before asking for another in its place."""
        mark = f"mark-{self._spec['seed']}-{next(self._marks)}"
        person, arguments = plan.person, {"mark": mark, **plan.arguments}
        self._write(
            Invoke(t=_now(), mark=mark, user=person["user"], kind=plan.kind, arguments=arguments)
        )
        record = self._outcome(mark, person, {"kind": plan.kind, "arguments": arguments})
        self._write(record)
        match record:
            case Accepted(job=job):
                self._follow_up(plan, job)
            case Unknown():
                return PAUSE_SECONDS
            case Refused(status=503):
                return record.retry_after or PAUSE_SECONDS
        return None

    def _outcome(self, mark: str, person: Mapping[str, Any], body: dict[str, Any]) -> Record:
        try:
            answer = ask(self._api(), self._as(person), "POST", "/api/jobs", body)
            if answer.status < 300:
                return Accepted(t=_now(), mark=mark, job=answer.body["id"])
        except (OSError, KeyError, TypeError) as error:  # the last two: a 2xx that says no id
            return Unknown(t=_now(), mark=mark, error=repr(error))
        wait = answer.retry_after
        return Refused(t=_now(), mark=mark, status=answer.status, retry_after=wait)

    def _follow_up(self, plan: Plan, job: str) -> None:
        if plan.cancel_after is not None:
            time.sleep(plan.cancel_after)
            self._do(plan.person, f"/api/jobs/{job}/cancel")
        if plan.mark_as:
            time.sleep(plan.mark_after)
            self._do(plan.person, "/api/notifications/mark", {"as": plan.mark_as, "all": True})

    def _do(self, person: Mapping[str, Any], path: str, body: dict[str, Any] | None = None) -> None:
        """Ask for what is not journaled until that is answered: it may be done twice."""
        for _ in range(MOST_TRIES):
            try:
                answer = ask(self._api(), self._as(person), "POST", path, body)
            except OSError:
                answer = None
            if answer is not None and answer.status < 500:
                return
            time.sleep(PAUSE_SECONDS)

    def _log_out_at(self, moment: float, who: Mapping[str, Any]) -> None:
        time.sleep(max(0.0, moment - time.monotonic()))
        for _ in range(MOST_TRIES):
            if self._log_out(who):
                return
            time.sleep(PAUSE_SECONDS)

    def _log_out(self, who: Mapping[str, Any]) -> bool:
        """Log out once; return whether that is all, or it has to be tried again."""
        names: dict[str, Any] = {"user": who["user"], "client": who["client"]}
        self._write(Ending(t=_now(), **names))
        try:
            status = ask(self._api(), self._as(who), "POST", "/logout/").status
        except OSError:
            status = 0
        session = fingerprint(who["cookie"])
        self._write(Ended(t=_now(), **names, status=status, session=session))
        return 0 < status < 500

    def _as(self, person: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"origin": self._spec["origin"], **person}

    def _api(self) -> str:
        apis: list[str] = self._spec["api"]
        return apis[next(self._turns) % len(apis)]

    def _write(self, record: Record) -> None:
        self._journal.write(record)


def _now() -> float:
    return time.monotonic()


if __name__ == "__main__":
    submitter = Submitter(json.loads(Path(sys.argv[1]).read_text()))
    print("ready", flush=True)
    submitter.run()

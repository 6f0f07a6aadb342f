"""Clients and jobs that are not where they belong in the end, servers larger than they may be."""

from __future__ import annotations

from tests.chaos.damages.tools import Damage
from tests.chaos.imagined import Imagined


def client_is_behind(run: Imagined) -> None:
    run.lines("bob-1", "end")[0]["positions"]["user:2"]["offset"] -= 1


def client_shows_an_old_state(run: Imagined) -> None:
    run.lines("bob-1", "end")[0]["jobs"]["job-8"] = "running"


def client_shows_a_job_no_more(run: Imagined) -> None:
    del run.lines("bob-1", "end")[0]["jobs"]["job-8"]


def client_was_closed_for_nothing(run: Imagined) -> None:
    run.say("client-bob-1.jsonl", "closed", code=3501, reason="bad request")


def client_stopped_writing(run: Imagined) -> None:
    run.files["client-bob-1.jsonl"].remove(run.lines("bob-1", "end")[0])


def job_never_ended(run: Imagined) -> None:
    run.begin(run.submit(1))


def job_ended_too_late(run: Imagined) -> None:
    run.files["states.jsonl"][3]["t"] += 60


def server_grew(run: Imagined) -> None:
    hit = next(line for line in run.files["nemesis.jsonl"] if line["op"] == "hit")
    hit["evidence"]["grown_bytes"] = 21 * 1024 * 1024


BEFORE: dict[Damage, str] = {
    job_never_ended: "not converged",
}
AFTER: dict[Damage, str] = {
    client_is_behind: "not converged",
    client_shows_an_old_state: "not converged",
    client_shows_a_job_no_more: "not converged",
    client_was_closed_for_nothing: "not converged",
    client_stopped_writing: "not converged",
    job_ended_too_late: "not converged",
    server_grew: "grew without bound",
}

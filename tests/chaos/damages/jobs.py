"""Jobs that end twice, change after their end, or are gone."""

from __future__ import annotations

from tests.chaos.damages.tools import Damage, ledger
from tests.chaos.imagined import Imagined


def job_ended_twice(run: Imagined) -> None:
    run.tell(1, {"type": "job.failed", "job": {"id": "job-1", "state": "succeeded"}})


def row_disagrees_with_its_event(run: Imagined) -> None:
    """Everything says failed, but the log."""
    run.jobs["job-6"]["state"] = "failed"
    for line in run.files["states.jsonl"]:
        if line["job"] == "job-6":
            line["state"] = "failed"
    for listener in ("carol-1", "carol-2"):
        run.lines(listener, "end")[0]["jobs"]["job-6"] = "failed"


def end_was_not_told(run: Imagined) -> None:
    job = run.submit(1)
    run.jobs[job]["state"] = "failed"
    for listener in ("alice-1", "alice-2"):
        run.listeners[listener].shown[job] = "failed"


def result_is_of_an_older_attempt(run: Imagined) -> None:
    run.jobs["job-2"]["result"] = {"attempt": 1}


def newest_attempt_never_ended(run: Imagined) -> None:
    next(ledger(run, "job-2", "end"))["attempt"] = 1


def newest_attempt_ended_after_the_end(run: Imagined) -> None:
    """Clients knew already; the sampler did not yet."""
    next(ledger(run, "job-2", "end"))["t"] += 0.99


def final_job_was_seen_otherwise(run: Imagined) -> None:
    run.files["states.jsonl"].append({**run.files["states.jsonl"][0], "state": "failed"})
    run.files["states.jsonl"].append(run.files["states.jsonl"][0])


def final_job_is_not_as_it_was_seen(run: Imagined) -> None:
    run.files["states.jsonl"][0]["state"] = "failed"


def result_was_written_over(run: Imagined) -> None:
    run.files["states.jsonl"].append({**run.files["states.jsonl"][0], "result": "other"})


def final_job_went_on(run: Imagined) -> None:
    run.tell(1, {"type": "job.started", "job": {"id": "job-1", "state": "succeeded"}})


def accepted_job_is_not_there(run: Imagined) -> None:
    asked = {"mark": "mark-99", "user": 1, "kind": "steps", "arguments": {"mark": "mark-99"}}
    run.say("submitter.jsonl", "invoke", **asked)
    run.say("submitter.jsonl", "ok", mark="mark-99", job="job-99")


def accepted_job_has_another_mark(run: Imagined) -> None:
    run.jobs["job-3"]["arguments"] = {"mark": "mark-98"}


def accepted_job_is_of_another_kind(run: Imagined) -> None:
    run.jobs["job-3"]["kind"] = "poison"


BEFORE: dict[Damage, str] = {
    job_ended_twice: "two final states",
    end_was_not_told: "two final states",
    final_job_went_on: "final state changed",
}
AFTER: dict[Damage, str] = {
    row_disagrees_with_its_event: "two final states",
    result_is_of_an_older_attempt: "two final states",
    newest_attempt_never_ended: "two final states",
    newest_attempt_ended_after_the_end: "two final states",
    final_job_was_seen_otherwise: "final state changed",
    final_job_is_not_as_it_was_seen: "final state changed",
    result_was_written_over: "final state changed",
    accepted_job_is_not_there: "accepted but missing",
    accepted_job_has_another_mark: "accepted but missing",
    accepted_job_is_of_another_kind: "accepted but missing",
}

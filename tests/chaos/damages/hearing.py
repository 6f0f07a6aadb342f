"""Events that nobody should have heard, or not this client, or not any more."""

from __future__ import annotations

from tests.chaos.damages.tools import Damage, insert
from tests.chaos.imagined import Imagined


def applied_what_is_not_in_the_log(run: Imagined) -> None:
    last = run.lines("alice-1", "applied")[-1]
    beyond = {**last, "offset": last["offset"] + 1}
    insert(run, "alice-1", last, {**beyond, "op": "received"}, beyond)


def event_was_another_one(run: Imagined) -> None:
    for op in ("received", "applied"):
        run.lines("alice-1", op)[2]["type"] = "job.retrying"


def update_of_no_job(run: Imagined) -> None:
    run.lines("alice-1", "update")[0]["job"] = "job-99"


def heard_anothers_topic(run: Imagined) -> None:
    line = run.lines("alice-1", "received")[0]
    insert(run, "alice-1", line, {**line, "topic": "user:2"})


def was_shown_anothers_update(run: Imagined) -> None:
    run.lines("alice-1", "update")[0]["job"] = "job-3"


def shows_anothers_job(run: Imagined) -> None:
    run.lines("alice-1", "end")[0]["jobs"]["job-3"] = "succeeded"


def heard_of_what_followed_the_log_out(run: Imagined) -> None:
    ended = run.lines("carol-1", "received")[-1]
    behind = {"offset": ended["offset"] + 1, "type": "job.succeeded", "job": "job-5"}
    insert(run, "carol-1", ended, {**ended, **behind, "t": run.t})


def heard_of_what_followed_a_new_password(run: Imagined) -> None:
    """An event that names no session ends them all."""
    run.tell(2, {"type": "session.ended", "session": "", "reason": "password_changed"})
    run.finish(run.submit(2), "cancelled")


def heard_long_after_the_log_out(run: Imagined) -> None:
    ended = next(line for line in run.files["submitter.jsonl"] if line["op"] == "ended")
    update = run.lines("carol-1", "update")[0]
    late = {**update, "t": ended["t"] + 31, "n": 2}
    insert(run, "carol-1", run.lines("carol-1", "closed")[0], late)


def log_out_is_not_in_the_log(run: Imagined) -> None:
    ended = next(e for e in run.events if e["data"].get("reason") == "signed_out")
    ended["data"]["session"] = "0" * 32


BEFORE: dict[Damage, str] = {
    heard_of_what_followed_a_new_password: "after revocation",
}
AFTER: dict[Damage, str] = {
    applied_what_is_not_in_the_log: "phantom",
    event_was_another_one: "phantom",
    update_of_no_job: "phantom",
    heard_anothers_topic: "foreign",
    was_shown_anothers_update: "foreign",
    shows_anothers_job: "foreign",
    heard_of_what_followed_the_log_out: "after revocation",
    heard_long_after_the_log_out: "after revocation",
    log_out_is_not_in_the_log: "after revocation",
}

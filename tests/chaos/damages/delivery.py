"""Events that are lost, doubled, out of order, or left out in silence."""

from __future__ import annotations

from tests.chaos.damages.tools import Damage, insert, swap
from tests.chaos.imagined import Imagined


def applied_line_is_gone(run: Imagined) -> None:
    lines, applied = run.files["client-bob-1.jsonl"], run.lines("bob-1", "applied")
    lines.remove(applied[1])


def last_event_never_came(run: Imagined) -> None:
    for op in ("received", "applied"):
        run.files["client-alice-1.jsonl"].remove(run.lines("alice-1", op)[-1])


def log_has_a_hole(run: Imagined) -> None:
    run.streams["site:all"] = {"topic": "site:all", "epoch": "e9", "head": 2, "floor": 0}
    run.events.append({"topic": "site:all", "offset": 2, "data": {"type": "news.published"}})


def event_in_the_middle_never_came(run: Imagined) -> None:
    for op in ("received", "applied"):
        run.files["client-carol-2.jsonl"].remove(run.lines("carol-2", op)[3])


def event_came_from_nowhere(run: Imagined) -> None:
    """The client healed what the server left out."""
    run.files["client-alice-1.jsonl"].remove(run.lines("alice-1", "received")[2])


def reload_was_left_out(run: Imagined) -> None:
    run.files["client-bob-1.jsonl"].remove(run.lines("bob-1", "reload")[1])


def position_was_forgotten(run: Imagined) -> None:
    """A client that comes back without a position gets what is new, and asks for nothing."""
    run.files["client-bob-1.jsonl"].remove(run.lines("bob-1", "reload")[1])
    run.lines("bob-1", "connected")[1]["asked"] = None


def history_changed_in_silence(run: Imagined) -> None:
    run.streams["user:2"]["epoch"] = "d2"
    after = run.lines("bob-1", "connected")[1]["t"]
    for line in run.files["client-bob-1.jsonl"]:
        if line["t"] > after and "epoch" in line:
            line["epoch"] = "d2"
    run.lines("bob-1", "end")[0]["positions"]["user:2"]["epoch"] = "d2"
    reload_was_left_out(run)


def applied_twice(run: Imagined) -> None:
    line = run.lines("alice-2", "applied")[4]
    insert(run, "alice-2", line, dict(line))


def applied_what_its_state_held(run: Imagined) -> None:
    reload = run.lines("bob-1", "reload")[1]
    old = run.lines("bob-1", "applied")[-1]
    missed = next(e for e in run.events if (e["topic"], e["offset"]) == ("user:2", 4))
    told = {"type": missed["data"]["type"], "job": missed["data"]["job"]["id"]}
    insert(run, "bob-1", reload, {**old, **told, "offset": 4})


def came_twice_on_a_connection(run: Imagined) -> None:
    line = run.lines("alice-1", "received")[4]
    insert(run, "alice-1", line, dict(line))


def attempt_began_twice(run: Imagined) -> None:
    run.files["ledger.jsonl"].append({**run.files["ledger.jsonl"][0], "pid": 8})


def offset_was_given_twice(run: Imagined) -> None:
    run.events.append(dict(run.events[0]))


def two_jobs_of_one_request(run: Imagined) -> None:
    job = run.submit(1)
    run.finish(job, "cancelled")
    run.files["submitter.jsonl"][-1:] = []  # the second answer never came
    run.jobs[job]["arguments"] = {"mark": "mark-1"}


def applied_in_another_order(run: Imagined) -> None:
    swap(run.files["client-alice-1.jsonl"], *run.lines("alice-1", "applied")[1:3])


def sent_in_another_order(run: Imagined) -> None:
    swap(run.files["client-alice-1.jsonl"], *run.lines("alice-1", "received")[1:3])


def told_that_it_could_not_be_done_and_stayed(run: Imagined) -> None:
    run.cut("bob-1")
    run.finish(run.submit(2), "cancelled")
    run.come_back("bob-1", whole=False)
    run.files["client-bob-1.jsonl"].remove(run.lines("bob-1", "reload")[-1])


BEFORE: dict[Damage, str] = {
    two_jobs_of_one_request: "duplicated",
    told_that_it_could_not_be_done_and_stayed: "gap without reload",
}
AFTER: dict[Damage, str] = {
    applied_line_is_gone: "lost",
    last_event_never_came: "lost",
    log_has_a_hole: "lost",
    applied_twice: "duplicated",
    applied_what_its_state_held: "duplicated",
    came_twice_on_a_connection: "duplicated",
    attempt_began_twice: "duplicated",
    offset_was_given_twice: "duplicated",
    applied_in_another_order: "reordered",
    sent_in_another_order: "reordered",
    event_in_the_middle_never_came: "gap without reload",
    event_came_from_nowhere: "gap without reload",
    reload_was_left_out: "gap without reload",
    position_was_forgotten: "gap without reload",
    history_changed_in_silence: "gap without reload",
}

"""The checker is right about runs that were well, and about every way in which one was not."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos.checker import VERDICTS, check, figures, main, validity
from tests.chaos.damages import AFTER, BEFORE
from tests.chaos.damages.tools import Damage
from tests.chaos.imagined import Imagined, Line, imagine
from tests.chaos.journal import Damaged

DAMAGES = {**BEFORE, **AFTER}
#: What keeps its order within these journals: the lines of one key.
KEYS = {"submitter.jsonl": "mark", "ledger.jsonl": "job", "states.jsonl": "job"}


def verdicts_of(folder: Path) -> set[str]:
    return {violation.verdict for violation in check(folder)}


def damaged_run(damage: Damage | None) -> Imagined:
    run = imagine()
    if damage in BEFORE:
        damage(run)
    run.end()
    if damage in AFTER:
        damage(run)
    return run


def test_a_run_that_was_well_violates_nothing(tmp_path: Path) -> None:
    folder = damaged_run(None).write(tmp_path)

    assert check(folder) == []
    assert validity(folder) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_damage_is_named_for_what_it_is_and_nothing_else(
    damage: Damage, tmp_path: Path
) -> None:
    folder = damaged_run(damage).write(tmp_path)

    assert verdicts_of(folder) == {DAMAGES[damage]}


def test_what_the_log_has_forgotten_is_held_against_nobody(tmp_path: Path) -> None:
    run = damaged_run(None)
    run.streams["user:1"]["floor"] = floor = run.streams["user:1"]["head"] - 1
    run.events = [e for e in run.events if e["topic"] != "user:1" or e["offset"] > floor]

    assert check(run.write(tmp_path)) == []


def test_a_client_that_signed_in_again_may_hear_again(tmp_path: Path) -> None:
    run = damaged_run(None)
    run.t += 60
    run.say("client-carol-1.jsonl", "open", user=3, kind="python", session="another")
    run.come_back("carol-1")

    assert check(run.write(tmp_path)) == []


def test_a_page_need_not_show_what_it_had_before_it_was_read_anew(tmp_path: Path) -> None:
    run = damaged_run(None)
    del run.lines("bob-1", "end")[0]["jobs"]["job-3"]

    assert check(run.write(tmp_path)) == []


@pytest.mark.parametrize(
    ("job", "file", "op"),
    [
        pytest.param("job-6", "submitter.jsonl", "ok", id="accepted then"),
        pytest.param("job-4", "ledger.jsonl", "start", id="begun then"),
    ],
)
def test_a_job_has_its_time_from_when_its_own_last_trouble_was(
    job: str, file: str, op: str, tmp_path: Path
) -> None:
    run = damaged_run(None)
    for name, kind, seconds in (("states.jsonl", "seen", 60), (file, op, 50)):
        for line in run.files[name]:
            if (line.get("job"), line["op"]) == (job, kind):
                line["t"] += seconds

    assert check(run.write(tmp_path)) == []


def test_every_verdict_has_been_seen() -> None:
    assert set(DAMAGES.values()) == set(VERDICTS)


@settings(max_examples=60, deadline=None, database=None)
@given(damage=st.sampled_from([None, *DAMAGES]), dice=st.randoms(use_true_random=False))
def test_what_is_independent_may_come_in_any_order(
    damage: Damage | None, dice: random.Random
) -> None:
    run = damaged_run(damage)
    for file, key in KEYS.items():
        run.files[file] = interleaved(run.files[file], key, dice)
    dice.shuffle(run.events)
    run.jobs = dict(dice.sample(list(run.jobs.items()), len(run.jobs)))
    delay_clients(run, dice)

    with tempfile.TemporaryDirectory() as folder:
        found = verdicts_of(run.write(Path(folder)))

    assert found == ({DAMAGES[damage]} if damage else set())


def interleaved(lines: list[Line], key: str, dice: random.Random) -> list[Line]:
    """Mix the lines of different keys anew, and keep each key's own order."""
    waiting = defaultdict(list)
    for line in lines:
        waiting[line.get(key)].append(line)
    turns = [line.get(key) for line in lines]
    dice.shuffle(turns)
    return [waiting[turn].pop(0) for turn in turns]


def delay_clients(run: Imagined, dice: random.Random) -> None:
    """Let each client be a little slower than it was, for as long as it lives."""
    for file, lines in run.files.items():
        if file.startswith("client-"):
            seconds = dice.uniform(0, 0.9)
            for line in lines:
                line["t"] += seconds


def test_a_last_line_that_was_torn_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    folder = damaged_run(None).write(tmp_path)
    journal = folder / "client-bob-1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])

    assert verdicts_of(folder) == {"not converged"}


def test_a_line_that_was_torn_in_the_middle_is_named(tmp_path: Path) -> None:
    folder = damaged_run(None).write(tmp_path)
    journal = folder / "client-bob-1.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([*lines[:4], lines[4][:30], *lines[5:]]))

    with pytest.raises(Damaged, match=r"client-bob-1\.jsonl:5"):
        check(folder)


def test_kinds_and_fields_of_other_releases_are_passed_over(tmp_path: Path) -> None:
    run = damaged_run(None)
    run.files["client-bob-1.jsonl"].insert(3, {"t": 1.0, "op": "slept", "seconds": 2})
    run.lines("bob-1", "open")[0]["colour"] = "green"

    assert check(run.write(tmp_path)) == []


@pytest.mark.parametrize(
    ("file", "op", "reason"),
    [
        pytest.param("nemesis.jsonl", "planned", "no faults were planned", id="no plan"),
        pytest.param("nemesis.jsonl", "hit", "1 of 2 faults hit", id="a fault that missed"),
        pytest.param("nemesis.jsonl", "hit", "on web1 (fault 1) did not hit", id="which missed"),
        pytest.param("nemesis.jsonl", "end", "has no end", id="a fault without an end"),
        pytest.param("nemesis.jsonl", "healed", "never healed", id="never healed"),
        pytest.param("submitter.jsonl", "ok", "before mark-1 was answered", id="unanswered"),
        pytest.param("client-bob-1.jsonl", "connected", "never connected", id="no connection"),
    ],
)
def test_a_run_that_proves_nothing_says_so(file: str, op: str, reason: str, tmp_path: Path) -> None:
    run = damaged_run(None)
    gone = [line for line in run.files[file] if line["op"] == op]
    kept = gone[1:] if op in ("hit", "end", "ok") else []
    run.files[file] = [line for line in run.files[file] if line["op"] != op or line in kept]

    assert reason in " ".join(validity(run.write(tmp_path)))


def test_a_hit_that_shows_nothing_is_none(tmp_path: Path) -> None:
    run = damaged_run(None)
    next(line for line in run.files["nemesis.jsonl"] if line["op"] == "hit")["evidence"] = {}

    assert "1 of 2 faults hit" in validity(run.write(tmp_path))


def test_a_fault_after_all_was_healed_makes_a_run_invalid(tmp_path: Path) -> None:
    run = damaged_run(None)
    run.files["nemesis.jsonl"][-1]["t"] = 0.0

    assert validity(run.write(tmp_path)) == ["a fault began after all was healed"]


def test_an_empty_folder_proves_nothing(tmp_path: Path) -> None:
    assert {"no job was accepted", "nobody observed", "it was never healed"} <= {
        *validity(tmp_path)
    }


def test_figures_count_deliveries_recoveries_and_what_ran_twice(tmp_path: Path) -> None:
    found = figures(damaged_run(None).write(tmp_path))

    assert found["clients"] == {"python": 3, "sdk": 2}
    assert (found["recovered"], found["not_recovered"]) == (3, 1)
    assert found["jobs"] == {"succeeded": 6, "failed": 1, "cancelled": 1}
    assert found["run_more_than_once"] == 1
    assert (found["faults_hit"], found["faults_planned"]) == (2, 2)
    assert found["upper_bound"] == pytest.approx(3 / 52)


def test_latency_leaves_out_what_a_moved_clock_measured(tmp_path: Path) -> None:
    run = damaged_run(None)
    opened, applied = run.lines("alice-1", "open")[0], run.lines("alice-1", "applied")
    opened["wall"] = opened["t"] + 1000
    for line in applied[1:]:
        line["at"] = "1970-01-01T00:18:20Z"  # about when these lines were written
    applied[0]["at"] = "1970-01-02T00:18:20Z"

    latency = figures(run.write(tmp_path))["latency"]

    assert isinstance(latency, dict)
    assert latency["samples"] == len(applied) - 1
    assert 0 < latency["p50"] <= latency["p99"] <= latency["max"] < 20


def test_the_program_prints_what_was_wrong_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = damaged_run(next(iter(AFTER))).write(tmp_path)

    assert main(folder) == 1
    assert "lost: bob-1 never applied user:2 2" in capsys.readouterr().out

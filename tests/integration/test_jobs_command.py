"""``manage.py jobs`` as a person and as a script meet it, against real processes."""

from __future__ import annotations

import json

import pytest

from tests.integration.jobs_command import command, enqueue, told
from tests.weather.stage import PATIENCE, Platform

pytestmark = pytest.mark.slow


def test_jobs_are_listed_shown_cancelled_and_repeated(on_sqlite):
    first, second = enqueue(on_sqlite, "one", "two")

    newest = told(on_sqlite, "list", "--limit", 1)
    cancelled = told(on_sqlite, "cancel", first)
    repeated = told(on_sqlite, "repeat", first, second, "--arguments", '{"word": "three"}')
    shown = told(on_sqlite, "show", first)[0]

    assert [job["id"] for job in newest] == [second]
    assert [outcome["job"]["state"] for outcome in cancelled] == ["cancelled"]
    assert repeated[0]["job"]["arguments"] == {"word": "three"}
    assert repeated[0]["job"]["repeat_of"] == first
    assert (repeated[1]["job"], repeated[1]["error"]["code"]) == (None, "not_finished")
    assert [step["name"] for step in shown["timeline"]] == ["queued", "cancelled"]
    assert shown["timeline"][1]["by"].endswith("command line)")
    found = told(on_sqlite, "list", "--state", "queued", "--search", "three", "--owner", "alice")
    assert [job["id"] for job in found] == [repeated[0]["job"]["id"]]


SAY = """
import sys
from django.utils import timezone
from tasks.models import OutputLine
for n, text in enumerate(sys.argv[2:], 1):
    OutputLine.objects.create(
        job_id=sys.argv[1], n=n, attempt=1, at=timezone.now(), level="info", text=text
    )
"""


def test_what_a_job_said_is_shown_on_demand(on_sqlite):
    (job_id,) = enqueue(on_sqlite, "one")
    silent = command(on_sqlite, "show", job_id, "--output").stdout
    on_sqlite.run(SAY, job_id, "Read the table", "\u202e<b>")

    plain = told(on_sqlite, "show", job_id)[0]
    shown = command(on_sqlite, "show", job_id, "--output").stdout
    said = told(on_sqlite, "show", job_id, "--output")[0]["output"]

    assert silent.endswith("Output\n  nothing\n")
    assert shown.splitlines()[-3] == "Output"
    assert shown.splitlines()[-2].endswith("1  info  Read the table")
    assert shown.splitlines()[-1].endswith(r"1  info  \u202e<b>")
    assert [(line["n"], line["text"]) for line in said] == [(1, "Read the table"), (2, "\u202e<b>")]
    assert "output" not in plain


def test_people_get_columns_and_nobodys_escapes(on_sqlite):
    forged, _ = enqueue(on_sqlite, "\x1b]0;owned\x07\x1b[2J", "plain")
    code = "from tasks.models import Job; Job.objects.update(error='\\x1b[31mred\\u202e\\nline')"
    on_sqlite.run(code)

    listed = command(on_sqlite, "list").stdout
    shown = command(on_sqlite, "show", forged).stdout
    as_json = command(on_sqlite, "show", forged, "--json").stdout

    assert r"\x1b[31mred\u202e\nline" in listed
    head, *rows = listed.splitlines()
    assert len(rows) == 2
    assert all(row.index("echo") == head.index("KIND") for row in rows)
    assert not any(sign in listed + shown + as_json for sign in "\x1b\x07\u202e")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="no verb"),
        pytest.param(["dance"], id="a verb that is none"),
        pytest.param(["show", "0199aaaa-bbbb-7000-8000-000000000000"], id="no such job"),
        pytest.param(["show", "01"], id="too short a beginning"),
        pytest.param(["show", "\x1b[2J"], id="no id"),
        pytest.param(["list", "--state", "sleeping"], id="no state"),
        pytest.param(["list", "--since", "yesterday"], id="no time"),
        pytest.param(["list", "--limit", "0"], id="no number"),
        pytest.param(["list", "--owner", "mallory"], id="nobody"),
        pytest.param(["repeat", "x", "--arguments", "[1]"], id="arguments that are no object"),
        pytest.param(["wait", "x", "--timeout", "nan"], id="no seconds"),
        pytest.param(["tail"], id="nothing to follow"),
        pytest.param(["tail", "--user", "alice", "--url", "ftp://x"], id="no address"),
    ],
)
def test_a_mistake_is_said_in_a_sentence_with_code_2(on_sqlite, words):
    done = command(on_sqlite, *words)

    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "\x1b[2J" not in done.stderr


def test_one_of_several_that_is_unknown_does_not_keep_the_others(on_sqlite):
    (known,) = enqueue(on_sqlite, "one")
    unknown = "0199aaaa-bbbb-7000-8000-000000000000"

    done = command(on_sqlite, "cancel", unknown, known, "--json")

    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert (first["id"], first["error"]["code"]) == (unknown, "not_found")
    assert second["job"]["state"] == "cancelled"
    assert done.returncode == 1


def test_waiting_tells_how_it_ended_by_its_code(installation, tmp_path):
    platform = Platform(installation)
    done, refused = platform.start("echo", word="x"), platform.start("refuse")
    waiting = platform.start("wait_for", path=str(tmp_path / "go"))

    codes = [command(installation, "wait", job).returncode for job in (done, refused)]
    late = command(installation, "wait", waiting, "--timeout", 0.3)
    command(installation, "cancel", waiting)
    cancelled = command(installation, "wait", waiting, "--json", "--timeout", PATIENCE)

    assert codes == [0, 1]
    assert (late.returncode, waiting in late.stdout) == (124, True)
    assert cancelled.returncode == 1
    assert json.loads(cancelled.stdout)["state"] == "cancelled"

"""``manage.py jobs`` as a person and as a script meet it, against real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.installation import Installation, eventually
from tests.terminal import Running
from tests.weather.stage import PATIENCE, Platform

pytestmark = pytest.mark.slow

ALICE_JOB = """
import sys
from django.contrib.auth.models import User
from django.core.management import call_command
from tasks import jobs
from tasks.job import find
import json
alice = User.objects.get(username="alice")
for word in sys.argv[1:]:
    print(jobs.enqueue(find("echo"), alice, {"word": word}).pk)
"""


def command(site: Installation, *words: object) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py jobs`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "django", "jobs", *map(str, words)],
        env=site.env,
        cwd=site.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(site: Installation, *words: object) -> list[dict]:
    """Run it with ``--json`` and give what it printed."""
    return [json.loads(line) for line in command(site, *words, "--json").stdout.splitlines()]


def follow(site: Installation, *words: object) -> Running:
    argv = [sys.executable, "-m", "django", "jobs", "tail", *map(str, words)]
    return Running(argv, env=site.env, cwd=site.folder)


def enqueue(site: Installation, *words: str) -> list[str]:
    return site.run(ALICE_JOB, *words).splitlines()


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


def test_a_job_is_followed_to_its_end_over_the_socket(on_sqlite, tmp_path):
    platform = Platform(on_sqlite)
    job = platform.start("wait_for", path=str(tmp_path / "go"))
    tail = follow(on_sqlite, job, "--json", "--url", f"http://127.0.0.1:{platform.port}")
    try:
        tail.expect("job.progressed")
        (tmp_path / "go").touch()

        assert tail.wait(PATIENCE) == 0
    finally:
        tail.close()
    heard = [json.loads(line) for line in tail.lines if line.startswith("{")]
    types = [line["type"] for line in heard]
    assert (types[0], types[-1]) == ("job.shown", "job.succeeded")
    assert {line["job"]["id"] for line in heard} == {job}
    marks = [(x["job"]["attempt"], x["n"]) for x in heard if x["type"] == "job.progressed"]
    assert marks == sorted(set(marks))


def test_following_outlasts_a_server_that_restarts(on_sqlite, tmp_path):
    platform = Platform(on_sqlite)
    url = f"http://127.0.0.1:{platform.port}"
    tail = follow(on_sqlite, "--user", "alice", "--json", "--url", url)
    try:
        tail.expect("Connected")
        before = platform.start("echo", word="before")
        tail.expect(f"job.succeeded.*{before}")
        platform.processes["server"].kill()
        platform.processes["server"].wait()
        tail.expect("No connection")
        (meanwhile,) = enqueue(on_sqlite, "meanwhile")
        states = "SELECT state FROM tasks_job ORDER BY id"
        eventually(lambda: on_sqlite.rows(states) == [("succeeded",)] * 2, PATIENCE)
        platform.processes["server"] = on_sqlite.start_module(
            "django", "serve", "--bind", f"127.0.0.1:{platform.port}",
            "--admin", str(on_sqlite.folder / "run" / "web2.sock"), "--name", "web2",
        )  # fmt: skip
        tail.expect(f"job.succeeded.*{meanwhile}", within=60)
        after = platform.start("echo", word="after")
        tail.expect(f"job.succeeded.*{after}")
        tail.send(signal.SIGINT)

        assert tail.wait(PATIENCE) == 130
    finally:
        tail.close()
    heard = [json.loads(line) for line in tail.lines if line.startswith("{")]
    offsets = [line["offset"] for line in heard if "offset" in line]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    assert "reload" not in {line["type"] for line in heard}
    assert "Traceback" not in tail.text


def test_what_cannot_be_recovered_is_read_anew_and_people_are_told(on_sqlite, tmp_path):
    platform = Platform(on_sqlite)
    job = platform.start("wait_for", path=str(tmp_path / "go"))
    began = time.monotonic()
    tail = follow(on_sqlite, "--user", "alice", "--url", f"http://127.0.0.1:{platform.port}")
    try:
        tail.expect("Connected")
        tail.expect(f"{job}  wait_for  progressed at [0-9]+ %, waiting", times=2)
        on_sqlite.run("from django.core.management import call_command; call_command('bump_epoch')")
        tail.expect("Something was missed")
        # Before, by its own event or by the state that was read; and now again.
        tail.expect(f"{job}  wait_for  running( at .*)?$", times=2)
        (tmp_path / "go").touch()
        tail.expect(f"{job}  wait_for  succeeded$")
    finally:
        tail.end()
    progressed = [line for line in tail.lines if "progressed" in line]
    assert len(progressed) <= time.monotonic() - began + 1


def test_who_may_not_sign_in_is_told_so_once(on_sqlite):
    platform = Platform(on_sqlite)
    on_sqlite.run("from django.contrib.auth.models import User; User.objects.update(is_active=0)")

    done = command(
        on_sqlite, "tail", "--user", "alice", "--url", f"http://127.0.0.1:{platform.port}"
    )

    assert (done.returncode, "invalid token" in done.stderr) == (2, True)


def test_the_address_is_where_the_platform_said_it_runs(on_sqlite):
    (on_sqlite.folder / "up.lock").write_text("1\nhttp://127.0.0.1:9\n")
    tail = follow(on_sqlite, "--user", "alice")

    try:
        tail.expect("No connection to ws://127.0.0.1:9/")
    finally:
        tail.end()

"""``manage.py jobs tail`` follows jobs and people over the socket of a real server."""

from __future__ import annotations

import json
import signal
import sys
import time

import pytest

from tests.installation import Installation, eventually
from tests.integration.jobs_command import command, enqueue
from tests.terminal import Running
from tests.weather.stage import PATIENCE, Platform

pytestmark = pytest.mark.slow


def follow(site: Installation, *words: object) -> Running:
    argv = [sys.executable, "-m", "django", "jobs", "tail", *map(str, words)]
    return Running(argv, env=site.env, cwd=site.folder)


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

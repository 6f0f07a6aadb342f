"""Which signal is sent where: every step of a job in every process that it can happen in."""

from __future__ import annotations

import json
import signal

import pytest

from tests.installation import Installation, eventually
from tests.weather.stage import Platform

pytestmark = pytest.mark.timeout(300)

ENQUEUE = """
import sys
from django.contrib.auth.models import User
from tasks.job import enqueue
print(enqueue(sys.argv[1], User.objects.get(username="alice"), {}).pk)
"""
#: By the admin's own page, as a superuser, in the process that asks for it.
ADMIN = """
import sys
from django.contrib.auth.models import User
from django.test import Client
root = User.objects.create_superuser("root")
client = Client()
client.force_login(root)
chosen = {"action": "cancel_jobs", "_selected_action": [sys.argv[1]]}
assert client.post("/admin/tasks/job/", chosen, HTTP_HOST="localhost").status_code == 302
"""
CHILD_ONLY = "started@child succeeded@child finished@child"


class Stage(Platform):
    """The platform with its signals noted in a file."""

    def __init__(self, site: Installation) -> None:
        self.notes = site.folder / "signals"
        site.env |= {
            "WORKSITE_SIGNALS": str(self.notes),
            "JOB_LEASE_SECONDS": "2",
            "JOB_CANCEL_GRACE_SECONDS": "1",
        }
        super().__init__(site)

    def noted(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.notes.read_text().splitlines()]

    def story(self, job: str) -> str:
        """Give what was sent of a job and where, in order; how often it progressed varies."""
        mine = [line for line in self.noted() if line["job"] == job]
        told = [f"{line['signal']}@{line['place']}" for line in mine]
        return " ".join(said for said in told if not said.startswith("progressed"))

    def progresses(self, job: str) -> None:
        """Wait until a job's row was given its progress."""
        eventually(lambda: (job, "progressed") in [(n["job"], n["signal"]) for n in self.noted()])

    def has(self, job: str, said: str) -> None:
        """Wait until a signal of a job was sent there."""
        eventually(lambda: said in self.story(job), 40)

    def waiting(self, kind: str) -> str:
        """Start a job that waits for what never comes, until it runs and has told of it."""
        job = self.start(kind, path=str(self.site.folder / "never"))
        self.has(job, "started@child")
        return job

    def cli(self, *words: str) -> None:
        assert self.site.start_module("django", "jobs", *words).wait(60) == 0

    def kill_worker(self) -> None:
        self.processes["worker"].send_signal(signal.SIGKILL)
        self.processes["worker"].wait()


@pytest.fixture
def stage(on_sqlite: Installation) -> Stage:
    return Stage(on_sqlite)


def test_every_step_is_told_once_in_order_wherever_it_happens(stage: Stage) -> None:
    expected = {**_come_to_their_ends(stage), **_are_stopped(stage), **_lose_their_worker(stage)}

    assert {job: stage.story(job) for job in expected} == expected
    others = {stage.story(line["job"]) for line in stage.noted() if line["job"] not in expected}
    assert others == {f"queued@child {CHILD_ONLY}", f"queued@cli {CHILD_ONLY}"}
    assert {n["place"] for n in stage.noted() if n["signal"] == "progressed"} == {"child"}
    for line in stage.noted():
        assert line["by"]
        assert (line["sender"], line["rest"]) == ("Job", ["signal"])
    finals = [line["job"] for line in stage.noted() if line["signal"] == "finished"]
    assert len(finals) == len(set(finals))


def _come_to_their_ends(stage: Stage) -> dict[str, str]:
    """Have jobs succeed and fail, whoever asked for them; give the story of each."""
    by_web, by_script = stage.start("echo", word="hej"), stage.site.run(ENQUEUE, "stumble")
    stage.has(by_web, "finished@child")
    begetter, dying, late = (stage.start(kind) for kind in ("beget", "die", "spin_deaf"))
    for job in (dying, late):
        stage.has(job, "finished@main")
    stage.cli("repeat", by_web)
    return {
        by_web: f"queued@web {CHILD_ONLY}",
        by_script: f"queued@script started@child retrying@child {CHILD_ONLY}",
        begetter: f"queued@web {CHILD_ONLY}",
        dying: "queued@web started@child retrying@main started@child failed@main finished@main",
        late: "queued@web started@child failed@main finished@main",
    }


def _are_stopped(stage: Stage) -> dict[str, str]:
    """Have jobs be cancelled while they run, of which one does not listen."""
    listening = stage.waiting("wait_for")
    stage.progresses(listening)
    _cancel(stage, "api", listening)
    deaf = stage.waiting("wait_deaf")
    stage.progresses(deaf)
    stage.cli("cancel", deaf)
    stage.has(deaf, "finished@main")
    stopped = "queued@web started@child cancel_requested"
    return {
        listening: f"{stopped}@web cancelled@child finished@child",
        deaf: f"{stopped}@cli cancelled@main finished@main",
    }


def _lose_their_worker(stage: Stage) -> dict[str, str]:
    """Kill the worker, cancel jobs that wait in every way there is, and start it again."""
    lost, given_up = stage.waiting("outlive"), stage.waiting("wait_for")
    stage.kill_worker()
    stage.has(given_up, "finished@reconciler")
    stage.has(lost, "retrying@reconciler")
    stories = {
        lost: f"queued@web started@child retrying@reconciler {CHILD_ONLY}",
        given_up: "queued@web started@child failed@reconciler finished@reconciler",
    }
    for way, place in {"api": "web", "cli": "cli", "admin": "script"}.items():
        waiting = stage.start("nothing")
        stories[waiting] = f"queued@web cancelled@{place} finished@{place}"
        _cancel(stage, way, waiting)
    stage.site.start_worker()
    stage.has(lost, "finished@child")
    return stories


def _cancel(stage: Stage, way: str, job: str) -> None:
    if way == "api":
        stage._ask("POST", f"/api/jobs/{job}/cancel", "")
    elif way == "cli":
        stage.cli("cancel", job)
    else:
        stage.site.run(ADMIN, job)

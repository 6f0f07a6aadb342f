"""The examples in the manual's pages of signals and jobs work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from tasks import job as jobs_of
from tasks import signals
from tasks.models import Job
from tasks.states import State
from tests.integration.appended import types
from tests.integration.signals import run_to

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = Path(__file__).resolve().parents[3] / "docs"


def code_of(page):
    return re.search(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[1]


def test_the_example_in_the_manual_of_signals_works(tally, alice):
    module = {"__name__": "an_app.receivers"}
    try:
        exec(code_of("signals.md"), module)  # noqa: S102 (our own page)
        Job.objects.bulk_create(
            [Job(owner=alice, kind="tally", queue="default", state="succeeded") for _ in range(99)]
        )
        run_to(State.SUCCEEDED, alice, tally)
    finally:
        assert signals.job_finished.disconnect(dispatch_uid="trophies")

    assert Group.objects.get().name == "tally 100"
    assert "trophy.awarded" in types()


def test_the_manual_names_every_signal():
    names = {name for name in vars(signals) if name.startswith("job_")}

    assert set(re.findall(r"`(job_\w+)`", (DOCS / "signals.md").read_text())) == names


def test_the_example_in_the_manual_of_jobs_is_a_job(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    exec(code_of("jobs.md"), {"__name__": "an_app.work"})  # noqa: S102 (our own page)

    assert jobs_of.registry["tally"].queue == "reports"

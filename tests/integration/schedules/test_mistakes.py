"""Schedules that make no sense, and jobs that cannot be: said once, and stopping nobody."""

from __future__ import annotations

import pytest

from tasks.beat import Clerk
from tasks.errors import InvalidArguments
from tasks.models import Job, Schedule
from tasks.schedule import Every, schedule
from tests.integration.schedules import NOON, at, plan, slots

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"task": "dance"}, id="unknown kind"),
        pytest.param({"kwargs": '{"rows": "many"}'}, id="wrong arguments"),
        pytest.param({"headers": '{"owner": "4711"}'}, id="the owner is gone"),
        pytest.param({"headers": '{"owner": ["x"]}'}, id="the owner is no key"),
    ],
)
def test_a_job_that_cannot_be_lets_its_slot_go_and_stops_nobody(tally, caplog, wrong):
    plan("a wrong one", **wrong)
    plan("right")
    clerk = Clerk(at(-600))

    for seconds in (61, 62, 63):
        assert clerk.look(at(seconds)) == at(120)

    assert slots("right") == [at(60)]
    assert slots("a wrong one") == []
    assert [record.action for record in caplog.records if record.levelname == "ERROR"] == [
        "schedule.failed"
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"headers": "{"}, id="headers"),
        pytest.param({"kwargs": "[1]"}, id="arguments"),
        pytest.param({"headers": '{"missed": "twice"}'}, id="missed"),
        pytest.param({"name": "of the code"}, id="name"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_logged_once_and_stops_nobody(tally, caplog, wrong):
    schedule("of the code", tally, Every(60))
    Schedule.objects.create(name="of the code", last_slot=NOON)
    plan(changed=1000, **wrong)
    clerk = Clerk(at(-600))

    for seconds in (60, 61, 62):
        clerk.look(at(seconds))

    assert slots("of the code") == [at(60)]
    assert Job.objects.count() == 1
    refused = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.action for record in refused] == ["schedule.refused"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        pytest.param({"name": ""}, ValueError, id="no name"),
        pytest.param({"name": "x" * 201}, ValueError, id="a long name"),
        pytest.param({"name": "taken"}, ValueError, id="a name that is taken"),
        pytest.param({"missed": "twice"}, ValueError, id="unknown way with what is missed"),
        pytest.param({"arguments": {"rows": "3"}}, InvalidArguments, id="wrong arguments"),
    ],
)
def test_a_mistake_in_the_code_is_refused_at_import(tally, given, error):
    schedule("taken", tally, Every(60))

    with pytest.raises(error):
        schedule(given.pop("name", "a"), tally, Every(60), **given)

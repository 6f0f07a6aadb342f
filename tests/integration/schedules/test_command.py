"""How ``manage.py schedules`` shows them."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from tasks.models import Schedule
from tasks.schedule import Every, cron, schedule
from tests.integration.schedules import NOON, plan

pytestmark = pytest.mark.django_db(transaction=True)


def shown() -> list[dict[str, object]]:
    output = StringIO()
    call_command("schedules", "--json", stdout=output)
    return json.loads(output.getvalue())


def test_the_command_shows_every_schedule_with_its_next_three_runs(tally):
    schedule("of the code", tally, cron("0 0 1 1 *"), missed="skip")
    Schedule.objects.create(name="of the code", last_slot=NOON)
    plan("disabled", enabled=False)
    year = timezone.now().year

    of_code, disabled = shown()

    assert of_code == {
        "name": "of the code",
        "kind": "tally",
        "source": "code",
        "when": "0 0 1 1 * (UTC)",
        "missed": "skip",
        "enabled": True,
        "last_slot": "2026-07-01T12:00:00.000Z",
        "next": [f"{year + n}-01-01T00:00:00.000Z" for n in (1, 2, 3)],
        "problem": "",
    }
    assert (disabled["source"], disabled["enabled"], disabled["next"]) == ("admin", False, [])


def test_the_command_speaks_to_people_too(tally):
    schedule("of the code", tally, Every(3600))
    plan("broken", headers="{")
    output = StringIO()

    call_command("schedules", stdout=output)

    told = output.getvalue()
    assert "of the code (code)\n  tally, every hour; missed: once\n  last slot  -" in told
    assert "broken (admin): The headers are not a JSON object." in told

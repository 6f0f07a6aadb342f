"""``manage.py schedules``: what runs when, how far it has come, and when next."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from tasks import timetable


class Command(BaseCommand):
    """Shows every schedule, the code's and the administrators'."""

    help = "Show every schedule with its last slot and its next three runs, in UTC."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, json: bool, **_: Any) -> None:
        now, come_to = timezone.now(), timetable.last_slots()
        listed = [
            timetable.describe(entry, come_to.get(entry.name), now)
            for entry in timetable.entries(also_disabled=True)
        ]
        self.stdout.write(_as_json(listed) if json else "\n\n".join(map(_as_text, listed)))


def _as_json(listed: list[dict[str, Any]]) -> str:
    return json.dumps(listed, indent=2, ensure_ascii=False)


def _as_text(told: dict[str, Any]) -> str:
    state = told["problem"] or ("" if told["enabled"] else "disabled")
    return "\n".join(
        [
            f"{told['name']} ({told['source']}){': ' + state if state else ''}",
            f"  {told['kind']}, {told['when'] or '-'}; missed: {told['missed']}",
            f"  last slot  {told['last_slot'] or '-'}",
            f"  next       {', '.join(told['next']) or '-'}",
        ]
    )

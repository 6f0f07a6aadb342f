"""``manage.py jobs list|show|cancel|repeat|wait|tail``: jobs from the command line."""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from realtime.follower import Refused
from tasks import command_line, descriptions, lines, many, search
from tasks.announce import describe_line
from tasks.models import Job
from tasks.states import State
from tasks.tail import RELOAD, Tail, follower
from tasks.terminal import harmless, table

_FIRST_LOOK_SECONDS, _LAST_LOOK_SECONDS = 0.1, 1.0
#: Progress is told this often to people; ``--json`` tells all.
_PROGRESS_SECONDS = 1.0


class Command(BaseCommand):
    """Looks at jobs and stops, repeats, awaits and follows them, whoever's they are."""

    help = "Look at jobs, stop them, repeat them, wait for them, follow them live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        listing = verbs.add_parser("list", help="list jobs, the newest first")
        listing.add_argument("--state", action="append", choices=list(State), default=[])
        for name in ("kind", "queue", "search"):
            listing.add_argument(f"--{name}", type=command_line.plain, default="")
        listing.add_argument("--owner", type=command_line.plain, metavar="NAME")
        listing.add_argument("--since", type=command_line.time, metavar="TIME")
        listing.add_argument("--until", type=command_line.time, metavar="TIME")
        listing.add_argument("--before", metavar="JOB_ID", help="the last of the page before")
        listing.add_argument("--limit", type=command_line.limit, default=20)
        showing = verbs.add_parser("show", help="show a job with its timeline")
        showing.add_argument("job")
        showing.add_argument("--output", action="store_true", help="and all that it said")
        verbs.add_parser("cancel", help="stop jobs").add_argument("jobs", nargs="+")
        repeating = verbs.add_parser("repeat", help="ask for finished jobs once more")
        repeating.add_argument("jobs", nargs="+")
        repeating.add_argument(
            "--arguments", type=command_line.arguments, metavar="JSON", help="in place of its own"
        )
        waiting = verbs.add_parser("wait", help="wait: 0 succeeded, 1 not, 124 out of time")
        waiting.add_argument("job")
        waiting.add_argument("--timeout", type=command_line.seconds, metavar="SECONDS")
        tailing = verbs.add_parser("tail", help="follow a job to its end, or somebody's jobs")
        which = tailing.add_mutually_exclusive_group(required=True)
        which.add_argument("job", nargs="?")
        which.add_argument("--user", type=command_line.plain, metavar="NAME")
        tailing.add_argument("--url", help="of the platform, if not where it said it runs")
        for verb in verbs.choices.values():
            verb.add_argument("--json", action="store_true", help="one JSON object per line")

    def handle(self, *, verb: str, **options: Any) -> None:
        if hasattr(sys.stdout, "reconfigure"):  # a terminal that lacks a character shows its code
            sys.stdout.reconfigure(errors="backslashreplace")
        self._as_json, self._zone = options["json"], lines.local_zone()
        try:
            getattr(self, f"_{verb}")(**options)
        except BrokenPipeError:  # the reader has seen enough; nothing more can be said to it
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            raise SystemExit(130) from None

    def _list(self, *, owner: str | None, before: str | None, limit: int, **options: Any) -> None:
        jobs = Job.objects.select_related("owner").prefetch_related("files")
        if owner is not None:
            jobs = jobs.filter(owner=command_line.owner(owner))
        filters = {name: options[name] for name in ("kind", "queue", "search", "since", "until")}
        before_id = command_line.job(before).pk if before else None
        wanted = search.Wanted(states=options["state"], before=before_id, **filters)
        found = [descriptions.of_job(job) for job in search.choose(jobs, wanted)[:limit]]
        if self._as_json:
            self._say(map(lines.as_json, found))
        else:
            rows = [lines.HEAD, *(lines.row(job, self._zone) for job in found)]
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            self._say(table(rows, width))

    def _show(self, *, job: str, output: bool, **_: Any) -> None:
        found = command_line.job(job)
        told = descriptions.of_job(found)
        steps = [descriptions.of_step(step, for_staff=True) for step in found.steps.all()]
        said = list(map(describe_line, found.output.order_by("n"))) if output else []
        if self._as_json:
            for_staff = {"traceback": found.traceback, "worker": found.worker}
            more = {"timeline": steps} | ({"output": said} if output else {})
            self._say([lines.as_json({**told, **for_staff, **more})])
        else:
            self._say(lines.page(told, steps, self._zone))
            self._say(lines.output(said, self._zone) if output else [])

    def _cancel(self, *, jobs: list[str], **_: Any) -> None:
        ids = [command_line.job_id(job) for job in jobs]
        self._tell(many.cancel(ids, command_line.who()))

    def _repeat(self, *, jobs: list[str], arguments: Mapping[str, Any] | None, **_: Any) -> None:
        ids = [command_line.job_id(job) for job in jobs]
        self._tell(many.repeat(ids, command_line.who(), arguments))

    def _tell(self, outcomes: list[many.Outcome]) -> None:
        for outcome in outcomes:
            told = descriptions.of_job(outcome.job) if outcome.job else None
            error = {"code": outcome.code, "message": outcome.message} if outcome.code else None
            if self._as_json:
                line = lines.as_json({"id": str(outcome.id), "job": told, "error": error})
            else:
                line = lines.outcome(str(outcome.id), told, outcome.message)
            self._say([line])
        if any(outcome.code for outcome in outcomes):
            raise SystemExit(command_line.NOT_DONE)

    def _wait(self, *, job: str, timeout: float | None, **_: Any) -> None:
        waited = _wait(command_line.job(job), timeout)
        told = descriptions.of_job(waited)
        self._say([lines.as_json(told) if self._as_json else lines.state(told, self._zone)])
        if not State(waited.state).is_final:
            raise SystemExit(command_line.TIMED_OUT)
        if waited.state != State.SUCCEEDED:
            raise SystemExit(command_line.NOT_DONE)

    def _tail(self, *, job: str | None, user: str | None, url: str | None, **_: Any) -> None:
        found = command_line.job(job) if job else None
        owner_id = found.owner_id if found else command_line.owner(user or "").pk
        if owner_id is None:
            raise CommandError("The site's own jobs have no topic: use wait.", returncode=2)
        tail, quiet_until = Tail(owner_id, found.pk if found else None), dict[str, float]()
        try:
            for heard in follower(url or command_line.address(), owner_id, self._note).follow():
                for told in tail.take(heard):
                    self._say(self._happening(told, quiet_until))
                if tail.is_over:
                    return
        except (Refused, ValueError) as error:
            raise CommandError(harmless(error), returncode=command_line.MISTAKE) from error

    def _happening(self, told: Mapping[str, Any], quiet_until: dict[str, float]) -> list[str]:
        if self._as_json:
            return [lines.as_json(told)]
        if told["type"] == RELOAD:
            return ["Something was missed; this is how it is now:"]
        if told["type"] == "job.progressed":
            now = time.monotonic()
            if now < quiet_until.get(told["job"]["id"], 0):
                return []
            for ended in [job for job, until in quiet_until.items() if until <= now]:
                del quiet_until[ended]
            quiet_until[told["job"]["id"]] = now + _PROGRESS_SECONDS
        return [lines.happening(told, self._zone)]

    def _say(self, said: Iterable[str]) -> None:
        for line in said:
            self.stdout.write(line)
        self.stdout.flush()

    def _note(self, sentence: str) -> None:
        self.stderr.write(harmless(sentence))


def _wait(job: Job, timeout: float | None) -> Job:
    """Look at a job, less and less often, until it is at its end or the time is over."""
    deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
    pause = _FIRST_LOOK_SECONDS
    while not State(job.state).is_final and time.monotonic() < deadline:
        time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
        pause = min(_LAST_LOOK_SECONDS, pause * 1.5)
        try:
            job.refresh_from_db()
        except (OperationalError, InterfaceError):  # it will be back; the next look connects
            connection.close()
    return job

"""A job in the words of the command line: a row, a page, a line of what happens to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tasks.terminal import harmless, table

HEAD = ("ID", "KIND", "OWNER", "STATE", "ATTEMPT", "PROGRESS", "QUEUED", "FINISHED", "ERROR")
_LOCAL_TIME = Path("/etc/localtime")
_EVENTS = {"job.cancel_requested": "asked to stop", "job.shown": ""}


def local_zone() -> tzinfo:
    """Give this machine's time zone: Django has put its own into the process."""
    try:
        with _LOCAL_TIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return timezone.get_default_timezone()


def as_json(value: object) -> str:
    """Give one line of ASCII, which no terminal takes for anything else."""
    return json.dumps(value, default=str)


def row(job: Mapping[str, Any], zone: tzinfo) -> Sequence[object]:
    """Give a described job as the cells under ``HEAD``."""
    return (
        job["id"],
        job["kind"],
        job["owner"] or "-",
        job["state"],
        f"{job['attempt']}/{job['max_attempts']}",
        far(job["progress"]) or "-",
        when(job["queued_at"], zone),
        when(job["finished_at"], zone),
        job["error"],
    )


def page(job: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], zone: tzinfo) -> list[str]:
    """Give a job and its timeline, each line harmless; staff read it, so with tracebacks."""
    times = {name: when(job[name], zone) for name in ("queued_at", "started_at", "finished_at")}
    values = {**job, **times, "progress": far(job["progress"]) or "-"}
    for name in ("arguments", "result", "files"):
        values[name] = json.dumps(job[name], ensure_ascii=False)
    lines = table([(name, "-" if value is None else value) for name, value in values.items()])
    lines += ["", "Timeline"]
    told = [(when(s["at"], zone), s["name"], s["attempt"], s["by"], s["error"]) for s in steps]
    lines += [f"  {line}" for line in (table(told) if told else ["nothing yet"])]
    for step in steps:
        if step["traceback"]:
            lines += ["", f"Traceback of attempt {step['attempt']}"]
            lines += [f"  {harmless(line)}" for line in step["traceback"].splitlines()]
    return lines


def output(said: Sequence[Mapping[str, Any]], zone: tzinfo) -> list[str]:
    """Give what a job said, each line harmless."""
    told = [(when(s["at"], zone), s["attempt"], s["level"], s["text"]) for s in said]
    return ["", "Output", *(f"  {line}" for line in (table(told) if told else ["nothing"]))]


def happening(heard: Mapping[str, Any], zone: tzinfo) -> str:
    """Give what happened to a job as one line: when, which, what, how far."""
    job, type_ = heard["job"], str(heard["type"])
    words = _EVENTS.get(type_, type_.removeprefix("job.")) or job["state"]
    if type_ != "job.queued" and job["max_attempts"] > 1:
        words += f" (attempt {job['attempt']} of {job['max_attempts']})"
    if job["progress"] and job["state"] != "succeeded":
        words += f" at {far(job['progress'])}"
        words += f", {job['progress']['message']}" if job["progress"].get("message") else ""
    words += f": {job['error']}" if job["error"] else ""
    return harmless(f"{when(heard['at'], zone)}  {job['id']}  {job['kind']}  {words}")


def outcome(job_id: str, job: Mapping[str, Any] | None, problem: str) -> str:
    """Give what became of a job that was to be cancelled or repeated, as one line."""
    if job is None:
        return harmless(f"{job_id}  {problem}")
    if job["id"] != job_id:
        return harmless(f"{job_id}  repeated as {job['id']}")
    return harmless(f"{job_id}  {_ending(job)}")


def state(job: Mapping[str, Any], zone: tzinfo) -> str:
    """Give how a job stands, as one line."""
    told = when(job["finished_at"], zone) if job["finished_at"] else "now"
    problem = f": {job['error']}" if job["error"] else ""
    return harmless(f"{told}  {job['id']}  {job['kind']}  {_ending(job)}{problem}")


def _ending(job: Mapping[str, Any]) -> str:
    words = "asked to stop" if job["cancel_requested"] and not job["finished_at"] else job["state"]
    is_done = job["state"] == "succeeded" or not job["progress"]
    return str(words) if is_done else f"{words} at {far(job['progress'])}"


def far(progress: Mapping[str, Any] | None) -> str:
    """Tell how far: ``40 %``, or how many where the total is unknown, or nothing."""
    if not progress:
        return ""
    current, total = progress["current"], progress.get("total")
    return f"{int(100 * current / total)} %" if total else f"{current:g}"


def when(moment: str | None, zone: tzinfo) -> str:
    """Give a moment that the API wrote in local time, with its zone; ``-`` for none."""
    if moment is None:
        return "-"
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z").strip()

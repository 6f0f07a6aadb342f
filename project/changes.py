"""The page on which a job's arguments are changed before it is repeated.

Each argument has a field, where the kind's schema has one for each; else all are written as JSON.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from project import fields
from project.templatetags.jobs import pretty
from tasks import strictjson
from tasks.errors import InvalidArguments, TaskError, UnknownKind
from tasks.job import find
from tasks.models import Job
from tasks.states import State

#: What the names of the form's fields begin with, and the mark that they are there.
_PREFIX, _MARK = "argument-", "fields"


def are_sent(request: HttpRequest) -> bool:
    """Tell whether a form has arguments in it."""
    return bool({_MARK, "arguments"} & set(request.POST))


def read(request: HttpRequest, job: Job) -> dict[str, Any] | None:
    """Read the arguments that were sent; None where there are none. An InvalidArguments."""
    if _MARK in request.POST:
        return fields.read(_schema_of(job), _filled(request))
    return _parse(request.POST["arguments"]) if "arguments" in request.POST else None


def show(request: HttpRequest, job: Job, problem: TaskError | None = None) -> HttpResponse:
    """Answer with the form: with a job's own arguments, or what was sent and is wrong."""
    text = request.POST.get("arguments")
    wrong = problem.argument if isinstance(problem, InvalidArguments) else ""
    shown = _fields(request, job, wrong) if text is None else None
    context = {
        "job": job,
        "is_final": State(job.state).is_final,
        "fields": shown,
        "arguments": pretty(job.arguments) if text is None else text,
        "problem": problem,
        "has_place": any(field.is_wrong for field in shown or []),
    }
    return render(request, "repeat.html", context, status=422 if problem else 200)


def _fields(request: HttpRequest, job: Job, wrong: str) -> list[fields.Field] | None:
    schema = _schema_of(job)
    filled = _filled(request) if _MARK in request.POST else fields.fill(schema, job.arguments)
    return None if filled is None else fields.show(schema, filled, wrong)


def _schema_of(job: Job) -> fields.Rule:
    try:
        return find(job.kind).schema.describe()
    except UnknownKind:  # its function is gone
        return {"properties": {}}


def _filled(request: HttpRequest) -> fields.Filled:
    sent = request.POST
    return {
        name.removeprefix(_PREFIX): sent.get(name, "") for name in sent if name.startswith(_PREFIX)
    }


def _parse(text: str) -> dict[str, Any]:
    try:
        found = strictjson.parse(text.encode(errors="replace"))
    except strictjson.InvalidJson as error:
        raise InvalidArguments(str(error)) from None
    if not isinstance(found, dict):
        raise InvalidArguments(gettext("Arguments are an object: {“name”: value, …}."))
    return found
